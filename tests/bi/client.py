"""Superset's own REST interface, as a program uses it."""

from __future__ import annotations

from typing import Any

import httpx


class Superset:
    """A logged-in session."""

    def __init__(self, base: str, user: str, password: str) -> None:
        self.http = httpx.Client(base_url=base, timeout=90)
        body = {"username": user, "password": password, "provider": "db", "refresh": True}
        token = self._checked(self.http.post("/api/v1/security/login", json=body))["access_token"]
        self.http.headers["Authorization"] = f"Bearer {token}"
        self.http.headers["X-CSRFToken"] = self.get("/api/v1/security/csrf_token/")["result"]
        self.http.headers["Referer"] = base

    def get(self, path: str) -> dict[str, Any]:
        return self._checked(self.http.get(path))

    def post(self, path: str, body: Any) -> dict[str, Any]:
        return self._checked(self.http.post(path, json=body))

    def charts(self) -> dict[str, dict[str, Any]]:
        """Title -> id and stored question."""
        listed = self.get("/api/v1/chart/?q=(page_size:100)")["result"]
        return {one["slice_name"]: self.get(f"/api/v1/chart/{one['id']}")["result"] for one in listed}

    def chart_data(self, question: dict[str, Any], force: bool = True) -> dict[str, Any]:
        """The first answer to a stored question."""
        answer = self.post("/api/v1/chart/data", {**question, "force": force})
        found: dict[str, Any] = answer["result"][0]
        return found

    def report(self, name: str) -> dict[str, Any]:
        """A report as Superset has it."""
        listed = self.get("/api/v1/report/?q=(page_size:100)")["result"]
        return next(one for one in listed if one["name"] == name)

    def outcomes(self, name: str) -> list[str]:
        """The states that a report's executions ended in, the newest first."""
        log = self.get(f"/api/v1/report/{self.report(name)['id']}/log/")["result"]
        return [one["state"] for one in log if one["state"] != "Working"]

    @staticmethod
    def _checked(response: httpx.Response) -> dict[str, Any]:
        assert response.status_code < 300, (
            f"{response.request.url}: {response.status_code} {response.text[:600]}"
        )
        found: dict[str, Any] = response.json()
        return found
