"""What the providers that one signs in to by OAuth 2.0 have in common."""

from .app import Endpoints, Grant, OAuthApp, SignIn

__all__ = ["Endpoints", "Grant", "OAuthApp", "SignIn"]
