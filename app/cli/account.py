"""``flask account``: open accounts of the office from the command line; the first administrator starts here."""

from __future__ import annotations

import click
from flask.cli import AppGroup
from sqlalchemy.exc import IntegrityError

from app.accounts import commands, passwords
from app.accounts.roles import ROLES, STAFF_ROLES
from app.actor import SYSTEM
from app.errors import InvalidInput
from app.extensions import unit_of_work
from app.forms.rules import clean_email, is_email

group = AppGroup("account", help="開立辦公室人員的帳號。")


@group.command("create")
@click.argument("email")
@click.option("--name", required=True, help="姓名，顯示在歷程與稽核紀錄。")
@click.option("--title", help="職稱。")
@click.option("--role", "roles", multiple=True, required=True, type=click.Choice(sorted(STAFF_ROLES)),
              help="角色，可以給多個，例如 --role reviewer --role approver。")
@click.option("--password", prompt="密碼", hide_input=True, confirmation_prompt="再輸入一次",
              help="不給時會詢問，不會顯示在畫面上。")
def create_command(email: str, name: str, title: str | None, roles: tuple[str, ...], password: str) -> None:
    """開立一個帳號。

    例：flask account create wang@office.example --name 王小明 --role admin
    """
    email = clean_email(email)
    if not is_email(email):
        raise click.ClickException(f"{email} 不是能寄到的電子郵件。")
    try:
        passwords.check_strength(password, email=email)
    except InvalidInput as refusal:
        raise click.ClickException("；".join(text for texts in refusal.fields.values() for text in texts)) from None
    password_hash = passwords.hash(password)
    try:
        with unit_of_work(SYSTEM) as uow:
            commands.create_user(uow, email=email, name=name, title=title, password_hash=password_hash, roles=roles)
    except IntegrityError:
        raise click.ClickException(f"{email} 已經有帳號。") from None
    click.echo(f"已開立 {email}（{'、'.join(ROLES[role] for role in roles)}）。")
