"""Accounts, posts and what people leave behind: operations of the account's life."""
