"""The use cases, one file each.

request                                           use case
POST /v1/people                                   add_person
POST /v1/people/{person}/roles                    change_person_roles
POST /v1/people/{person}/deactivate               deactivate_person
POST /v1/people/{person}/erase                    erase_person
POST /v1/service-accounts                         add_service_account
POST /v1/service-accounts/{account}/roles         change_service_account_roles
POST /v1/service-accounts/{account}/deactivate    deactivate_service_account
POST /v1/tokens                                   issue_token
POST /v1/tokens/{token}/revoke                    revoke_token
POST /v1/policies                                 define_policy
POST /v1/policies/{environment}/{name}/withdrawal withdraw_policy
POST /v1/access-policy                            define_access_policy
POST /v1/access-changes/{id}/confirm              confirm_access_change
POST /v1/access-changes/{id}/withdraw             confirm_access_change (withdraw_access_change)
POST /v1/delegations                              grant_delegation
POST /v1/delegations/{id}/end                     end_delegation
POST /v1/absences                                 state_absence
POST /v1/absences/{person}/clear                  state_absence (clear_absence)
POST /v1/sign-offs                                request_sign_off
POST /v1/sign-offs/{id}/approve                   grant_approval
POST /v1/sign-offs/{id}/reject                    reject_sign_off
POST /v1/sign-offs/{id}/withdraw                  withdraw_sign_off
POST /v1/sign-offs/{id}/revoke                    revoke_sign_off
POST /v1/sign-offs/{id}/lineage                   decide_contested_lineage
POST /v1/sign-offs/{id}/reassign                  reassign_sign_off
POST /v1/sign-offs/{id}/comments                  add_comment
POST /v1/releases                                 request_release
POST /v1/releases/{id}/approve                    approve_release
POST /v1/releases/{id}/reject                     reject_release
POST /v1/releases/{id}/withdraw                   withdraw_release
POST /v1/steps/{step}/complete                    complete_step
POST /v1/steps/{step}/reopen                      reopen_step
POST /v1/gate                                     make_gate_decision
POST /v1/break-glass                              open_break_glass
POST /v1/break-glass/{id}/close                   close_break_glass
POST /v1/debts/{id}/review                        review_debt
POST /v1/directives/{id}/resolve                  resolve_directive
PUT  /v1/people/me/notifications                  change_notifications
POST /v1/webhooks                                 add_webhook
POST /v1/webhooks/{id}/enable                     enable_webhook
POST /v1/webhooks/{id}/disable                    disable_webhook
POST /v1/webhooks/{id}/rotate-secret              rotate_webhook_secret
POST /v1/webhooks/{id}/ping                       ping_webhook
POST /v1/webhooks/{id}/redeliver                  request_redelivery

at start                                          add_person, add_service_account, issue_token (from the bootstrap file),
                                                  define_default_policies
each minute                                       count_gate_questions
when a webhook's receiver answers that it is gone disable_webhook
at start, after a policy, a no, a departure,
and after foreign events                          invalidate_sign_off
the same, and every ten seconds                   issue_directive, close_directive
"""
