"""Who people are at another provider: OpenID Connect."""
