"""Decides who may log in to a new server: the owner, who migrates, and the application, which owns nothing."""

from pathlib import Path

from psycopg import Connection, connect, sql

_ROLES = {"goodterms_owner": "login createdb nobypassrls", "goodterms_app": "login nobypassrls"}


def furnish(sockets: Path, data: Path) -> None:
    """Make the roles and the database `goodterms` where they are missing. The mark spares later starts a connection."""
    mark = data / "goodterms.furnished"
    if mark.exists():
        return
    with connect(host=str(sockets), port=5432, user="postgres", dbname="postgres", autocommit=True) as connection:
        _make_roles(connection)
        _make_database(connection)
    mark.touch()


def _make_roles(connection: Connection) -> None:
    there = {name for (name,) in connection.execute("select rolname from pg_roles")}
    for role in _ROLES.keys() - there:
        connection.execute(sql.SQL("create role {} {}").format(sql.Identifier(role), sql.SQL(_ROLES[role])))


def _make_database(connection: Connection) -> None:
    if not connection.execute("select from pg_database where datname = 'goodterms'").fetchone():
        connection.execute("create database goodterms owner goodterms_owner")
    connection.execute("grant connect, temporary on database goodterms to goodterms_app")
