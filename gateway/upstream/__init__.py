"""The client of Partner Center's REST API."""
