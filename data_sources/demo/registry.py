"""Kong's registry: the consumers, keys, groups, services and routes that its Admin API lists."""

from typing import Any

from data_sources.demo.catalog import KONG_SERVICES, ROUTES
from data_sources.demo.company import Credential
from data_sources.demo.timeline import DAYS, Timeline


def kong_registry(time: Timeline, callers: list[Credential]) -> dict[str, list[dict[str, Any]]]:
    """The objects of each endpoint. A key that was rotated away is gone from the list, as at a real gateway."""
    born = time.epoch(0.0)
    found: dict[str, list[dict[str, Any]]] = {
        name: [] for name in ("services", "routes", "consumers", "key-auths", "acls")
    }
    for name in KONG_SERVICES:
        found["services"].append(
            {
                "id": time.uuid("service", name),
                "name": name,
                "host": f"{name}.internal",
                "port": 8080,
                "protocol": "http",
            }
            | {"retries": 5, "enabled": True, "tags": [f"api:{name}"], "created_at": born, "updated_at": born}
        )
    for name, (service, paths, methods) in ROUTES.items():
        found["routes"].append(
            {
                "id": time.uuid("route", name),
                "name": name,
                "service": {"id": time.uuid("service", service)},
                "paths": paths,
            }
            | {
                "methods": methods or None,
                "protocols": ["https"],
                "strip_path": False,
                "tags": None,
                "created_at": born,
                "updated_at": born,
            }
        )
    seen = set()
    for caller in callers:
        if caller.gateway != "kong" or not caller.consumer_id:
            continue
        created = time.epoch(caller.created)
        if caller.consumer_id not in seen:
            seen.add(caller.consumer_id)
            consumer = {
                "id": caller.consumer_id,
                "username": caller.username,
                "custom_id": caller.custom_id,
                "tags": caller.tags,
            }
            found["consumers"].append(consumer | {"created_at": created, "updated_at": created})
            for group in caller.groups:
                acl = {
                    "id": time.uuid("acl", caller.consumer_id, group),
                    "group": group,
                    "consumer": {"id": caller.consumer_id},
                }
                found["acls"].append(acl | {"tags": None, "created_at": created})
        if caller.revoked is None or caller.revoked > DAYS:
            key = {
                "id": caller.id,
                "key": f"hlk_live_{time.token('key', caller.id, length=24)}",
                "consumer": {"id": caller.consumer_id},
            }
            found["key-auths"].append(key | {"tags": None, "ttl": None, "created_at": created})
    for rows in found.values():
        rows.sort(key=lambda row: row["id"])
    return found
