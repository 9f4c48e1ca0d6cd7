-- The first start of the container's PostgreSQL: the roles and schemas that README.md ("Your own PostgreSQL") asks for.
-- Passwords come from files; psql reads them, so that they stand in no command line and no environment.

\set ON_ERROR_STOP on
\set migrations `cat "${SECRETS:-/run/secrets}/migrations_password"`
\set registry `cat "${SECRETS:-/run/secrets}/registry_password"`
\set verification `cat "${SECRETS:-/run/secrets}/verification_password"`
\set approval `cat "${SECRETS:-/run/secrets}/approval_password"`
\set audit `cat "${SECRETS:-/run/secrets}/audit_password"`

-- Nobody gets anything for merely existing.
REVOKE ALL ON DATABASE placet FROM PUBLIC;
REVOKE ALL ON SCHEMA public FROM PUBLIC;

-- Owns nothing itself; as a member of the owners it makes and changes their tables.
CREATE ROLE placet_migrations LOGIN PASSWORD :'migrations';
GRANT CONNECT ON DATABASE placet TO placet_migrations;

-- An owner makes temporary views when it builds projections anew (docs/operations.md).
CREATE ROLE placet_registry_owner NOLOGIN;
GRANT TEMPORARY ON DATABASE placet TO placet_registry_owner;
CREATE ROLE placet_registry LOGIN PASSWORD :'registry';
GRANT CONNECT ON DATABASE placet TO placet_registry;
GRANT placet_registry_owner TO placet_migrations;
CREATE SCHEMA registry AUTHORIZATION placet_registry_owner;

CREATE ROLE placet_verification_owner NOLOGIN;
GRANT TEMPORARY ON DATABASE placet TO placet_verification_owner;
CREATE ROLE placet_verification LOGIN PASSWORD :'verification';
GRANT CONNECT ON DATABASE placet TO placet_verification;
GRANT placet_verification_owner TO placet_migrations;
CREATE SCHEMA verification AUTHORIZATION placet_verification_owner;

CREATE ROLE placet_approval_owner NOLOGIN;
GRANT TEMPORARY ON DATABASE placet TO placet_approval_owner;
CREATE ROLE placet_approval LOGIN PASSWORD :'approval';
GRANT CONNECT ON DATABASE placet TO placet_approval;
GRANT placet_approval_owner TO placet_migrations;
CREATE SCHEMA approval AUTHORIZATION placet_approval_owner;

CREATE ROLE placet_audit_owner NOLOGIN;
GRANT TEMPORARY ON DATABASE placet TO placet_audit_owner;
CREATE ROLE placet_audit LOGIN PASSWORD :'audit';
GRANT CONNECT ON DATABASE placet TO placet_audit;
GRANT placet_audit_owner TO placet_migrations;
CREATE SCHEMA audit AUTHORIZATION placet_audit_owner;

-- Grant it to the logins of auditors who use SQL (docs/audit.md).
CREATE ROLE placet_audit_reader NOLOGIN;
