-- The first start of the container's PostgreSQL: the databases and roles that docs/databases.md asks for.
-- Passwords come from files; psql reads them, so that they stand in no command line and no environment.

\set ON_ERROR_STOP on
\set migrations `cat "${SECRETS:-/run/secrets}/migrations_password"`
\set registry `cat "${SECRETS:-/run/secrets}/registry_password"`
\set verification `cat "${SECRETS:-/run/secrets}/verification_password"`
\set approval `cat "${SECRETS:-/run/secrets}/approval_password"`
\set audit `cat "${SECRETS:-/run/secrets}/audit_password"`

-- No role gets rights by default.
REVOKE ALL ON DATABASE postgres, template1 FROM PUBLIC;

-- Owns nothing itself; as a member of the owners it makes and changes their tables.
CREATE ROLE placet_migrations LOGIN PASSWORD :'migrations';
-- Grant it to the logins of auditors who use SQL (docs/audit.md).
CREATE ROLE placet_audit_reader NOLOGIN;

-- A database for each service: advisory locks are per database, and every role that may connect may take any of them.
-- An owner makes temporary views when it builds projections anew (docs/operations.md).

CREATE ROLE placet_registry_owner NOLOGIN;
GRANT placet_registry_owner TO placet_migrations;
CREATE ROLE placet_registry LOGIN PASSWORD :'registry';
CREATE DATABASE placet_registry TEMPLATE template0;
REVOKE ALL ON DATABASE placet_registry FROM PUBLIC;
GRANT CONNECT ON DATABASE placet_registry TO placet_registry, placet_migrations;
GRANT TEMPORARY ON DATABASE placet_registry TO placet_registry_owner;
\connect placet_registry
REVOKE ALL ON SCHEMA public FROM PUBLIC;
CREATE SCHEMA registry AUTHORIZATION placet_registry_owner;

CREATE ROLE placet_verification_owner NOLOGIN;
GRANT placet_verification_owner TO placet_migrations;
CREATE ROLE placet_verification LOGIN PASSWORD :'verification';
CREATE DATABASE placet_verification TEMPLATE template0;
REVOKE ALL ON DATABASE placet_verification FROM PUBLIC;
GRANT CONNECT ON DATABASE placet_verification TO placet_verification, placet_migrations;
GRANT TEMPORARY ON DATABASE placet_verification TO placet_verification_owner;
\connect placet_verification
REVOKE ALL ON SCHEMA public FROM PUBLIC;
CREATE SCHEMA verification AUTHORIZATION placet_verification_owner;

CREATE ROLE placet_approval_owner NOLOGIN;
GRANT placet_approval_owner TO placet_migrations;
CREATE ROLE placet_approval LOGIN PASSWORD :'approval';
CREATE DATABASE placet_approval TEMPLATE template0;
REVOKE ALL ON DATABASE placet_approval FROM PUBLIC;
GRANT CONNECT ON DATABASE placet_approval TO placet_approval, placet_migrations;
GRANT TEMPORARY ON DATABASE placet_approval TO placet_approval_owner;
\connect placet_approval
REVOKE ALL ON SCHEMA public FROM PUBLIC;
CREATE SCHEMA approval AUTHORIZATION placet_approval_owner;

CREATE ROLE placet_audit_owner NOLOGIN;
GRANT placet_audit_owner TO placet_migrations;
CREATE ROLE placet_audit LOGIN PASSWORD :'audit';
CREATE DATABASE placet_audit TEMPLATE template0;
REVOKE ALL ON DATABASE placet_audit FROM PUBLIC;
GRANT CONNECT ON DATABASE placet_audit TO placet_audit, placet_migrations, placet_audit_reader;
GRANT TEMPORARY ON DATABASE placet_audit TO placet_audit_owner;
\connect placet_audit
REVOKE ALL ON SCHEMA public FROM PUBLIC;
CREATE SCHEMA audit AUTHORIZATION placet_audit_owner;
-- Readers connect here too: they take no lock, which would hold up the log, and write no large objects.
DO $close$
DECLARE
    closed regprocedure;
BEGIN
    FOR closed IN
        SELECT p.oid FROM pg_proc p
        WHERE p.pronamespace = 'pg_catalog'::regnamespace AND p.proname ~ '^(pg_(try_)?advisory_|lo_|lowrite|pg_logical_emit_message)'
    LOOP
        EXECUTE format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', closed);
        EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO placet_audit, placet_audit_owner', closed);
    END LOOP;
END $close$;
