"""The app that is registered at a provider: what its form shows, and what it takes."""
