"""SQL for columns that say by whom and what: a person or account by name, a text or what is left of it."""

__all__ = ["holder", "said"]


def holder(column: str) -> str:
    """`{id, name, display_name}` of the person or service account in this column; null where it is null."""
    return f"""
        case when {column} is not null then coalesce(
            (select json_build_object('id', n.person_id, 'name', n.name, 'display_name', n.display_name)
             from people_names n where n.person_id = {column}),
            (select json_build_object('id', a.account_id, 'name', a.name, 'display_name', null)
             from service_accounts a where a.account_id = {column}),
            json_build_object('id', {column}, 'name', null, 'display_name', null)) end
    """


def said(table: str) -> str:
    """`{id, hmac, text, erased}` of the text that a row of `table` commits to; null where it commits to none."""
    return f"""
        case when {table}.text_id is not null then json_build_object(
            'id', {table}.text_id, 'hmac', {table}.text_hmac,
            'text', (select t.body from texts t where t.id = {table}.text_id),
            'erased', (select t.body from texts t where t.id = {table}.text_id) is null) end
    """
