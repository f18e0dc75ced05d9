"""What the OpenAPI document says of bodies that are read by hand, with examples; and the document itself."""

from typing import Any, Final

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import TypeAdapter

from vnx_jobs.documents.answers import MAX_MANY
from vnx_jobs.documents.batches import ReportDocument
from vnx_jobs.documents.problems import MEDIA_TYPE, ProblemDocument
from vnx_jobs.model.schedule import Missed, Overlap
from vnx_jobs.model.specs import OPERATIONS, CloneGroup, Spec

_REF: Final = "#/components/schemas/{model}"
_JOBS: Final[dict[str, dict[str, Any]]] = {
    "create a volume": {
        "operation": "create-volume",
        "array": "sim",
        "name": "web-01",
        "size_gb": 50,
        "pool": "pool_1",
    },
    "copy a volume": {"operation": "clone", "array": "sim", "source": "gold", "name": "web-02"},
    "make a snap copy": {"operation": "clone", "array": "sim", "source": "gold", "name": "web-03", "snapcopy": True},
}
_BATCH: Final[dict[str, Any]] = {
    "batch": "webs",
    "defaults": {"operation": "create-volume", "array": "sim", "size_gb": 50, "pool": "pool_1"},
    "jobs": [{"name": "web-{n:03}", "count": 20}],
}
_YAML: Final = "batch: webs\ndefaults: {operation: create-volume, array: sim, size_gb: 50, pool: pool_1}\njobs:\n"
_ROW: Final = "  - {name: web-01}\n"

SPEC_BODY: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {"$ref": "#/components/schemas/JobSpec"},
                "examples": {name: {"value": value} for name, value in _JOBS.items()},
            }
        },
    }
}

BATCH_BODY: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {"schema": {"$ref": "#/components/schemas/BatchRows"}, "example": _BATCH},
            "application/yaml": {"schema": {"type": "string"}, "example": _YAML + _ROW},
            "application/x-ndjson": {"schema": {"type": "string"}, "example": '{"name": "web-01"}\n'},
            "application/jsonl": {"schema": {"type": "string"}, "example": '{"name": "web-01"}\n'},
            "text/csv": {"schema": {"type": "string"}, "example": "operation,name\ndelete-volume,web-01\n"},
        },
    }
}

MANY_BODY: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {"$ref": "#/components/schemas/ManyJobs"},
                "example": {"jobs": [{**spec, "key": f"order-7/{n}"} for n, spec in enumerate(_JOBS.values(), 1)]},
            }
        },
    }
}

GROUP_CLONES_BODY: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {"$ref": "#/components/schemas/CloneGroup"},
                "example": {"array": "sim", "snapshot": "frozen", "names": "{member}-twin"},
            }
        },
    }
}

SCHEDULE_BODY: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {"$ref": "#/components/schemas/ScheduleFields"},
                "example": {
                    "cron": "30 1 * * Mon-Fri",
                    "zone": "Europe/Berlin",
                    "volumes": ["db-*"],
                    "jobs": [
                        {"operation": "create-snapshot", "array": "sim", "volume": "{volume}", "name": "{volume}-{due}"}
                    ],
                },
            }
        },
    }
}

_POLICIES: Final = """\
defaults: {zone: Europe/Berlin}
schedules:
  snapshots:
    cron: 0 */4 * * *
    volumes: ["db-*"]
    jobs: {operation: create-snapshot, array: sim, volume: "{volume}", name: "{volume}-{due}", keep_days: 2}
"""

POLICY_BODY: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "description": "A policy file: `owner`, `defaults`, and `schedules` by name.",
        "content": {"application/yaml": {"schema": {"type": "string"}, "example": _POLICIES}},
    }
}

REFUSED_BATCH: Final[dict[str, Any]] = {
    "description": "invalid: nothing was submitted; `report` says what is wrong with which row",
    "content": {
        MEDIA_TYPE: {
            "schema": {
                "allOf": [{"$ref": "#/components/schemas/ProblemDocument"}],
                "properties": {"report": {"$ref": "#/components/schemas/ReportDocument"}},
            }
        }
    },
}

_MESSAGE: Final[dict[str, Any]] = {
    "type": "object",
    "properties": {
        "id": {"type": "string", "description": "What Last-Event-ID takes."},
        "event": {"type": "string", "enum": ["state", "end", "gap"]},
        "data": {"type": "string", "contentMediaType": "application/json"},
        "retry": {"type": ["integer", "string"]},
    },
}

STREAM: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "description": (
            "A stream of server-sent events. A message without `event:` is an event of a job (EventDocument); "
            "`state` and `end` tell how things stand; `gap` says that older events are gone."
        ),
        "content": {"text/event-stream": {"schema": _MESSAGE}},
    }
}

_ROWS: Final[dict[str, Any]] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["jobs"],
    "properties": {
        "batch": {"type": "string", "maxLength": 100},
        "atomic": {"type": "boolean", "description": "Accept all rows or none; none runs before."},
        "vars": {
            "type": "object",
            "propertyNames": {"pattern": "^[A-Za-z_][A-Za-z0-9_]*$", "not": {"const": "n"}},
            "additionalProperties": {"type": "string"},
            "description": "What {NAME} stands for in its rows; {{ and }} are the braces themselves.",
        },
        "hooks": {"type": "array", "items": {"type": "string"}, "description": "Told when all of its jobs have ended."},
        "defaults": {
            "type": "object",
            "description": "Fields of rows whose operation has them.",
        },
        "jobs": {
            "type": "array",
            "minItems": 1,
            "items": {
                "type": "object",
                "description": "Fields of a job's spec, and `row` (its name), `count`, `after` (names of rows).",
            },
        },
    },
}

_TEXTS: Final[dict[str, Any]] = {"type": "array", "items": {"type": "string"}}
_SCHEDULE: Final[dict[str, Any]] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["cron", "jobs"],
    "properties": {
        "cron": {"type": "string", "description": "When, in five fields: `30 1 * * Mon-Fri`."},
        "zone": {"type": "string", "default": "UTC", "description": "By whose clocks: `Europe/Berlin`."},
        "jobs": {
            "type": "array",
            "minItems": 1,
            "maxItems": 64,
            "items": {
                "type": "object",
                "description": "Fields of a job's spec; texts may hold {due}, {date}, {time}, {volume}, {backup}.",
            },
        },
        "volumes": _TEXTS | {"maxItems": 1000, "description": "A job for each volume of these names or patterns."},
        "exclude": _TEXTS | {"maxItems": 400, "description": "Not on these days: `2026-12-24..2027-01-06`."},
        "only": _TEXTS | {"maxItems": 400, "description": "Only within: `Mon-Fri 22:00-06:00`."},
        "never": _TEXTS | {"maxItems": 400, "description": "Never within: `daily 08:00-18:00`."},
        "jitter": {"type": ["string", "integer"], "description": "Begin up to so much later: `90s`, `5m`, `1h`."},
        "overlap": {"type": "string", "enum": [str(one) for one in Overlap], "description": "Else `skip`."},
        "missed": {"type": "string", "enum": [str(one) for one in Missed], "description": "Else `once`."},
        "most": {"type": "integer", "minimum": 1, "maximum": 1000, "default": 10},
    },
}

_MANY: Final[dict[str, Any]] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["jobs"],
    "properties": {
        "batch": {"type": "string", "maxLength": 100, "description": "The batch that they are jobs of."},
        "first": {"type": "integer", "minimum": 0, "maximum": 999_999_999, "description": "The first one's place."},
        "jobs": {
            "type": "array",
            "minItems": 1,
            "maxItems": MAX_MANY,
            "items": {"type": "object", "description": "A job's spec, with `after`, `hooks` and `key` (optional)."},
        },
    },
}


def describe(app: FastAPI, version: str) -> None:
    """Let an application say what it offers, bodies and refusals with it."""

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _document(app, version)
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]  # the documented way to extend the document


def _document(app: FastAPI, version: str) -> dict[str, Any]:
    document = get_openapi(
        title="vnx-jobs",
        version=version,
        summary="Jobs on EMC VNX arrays.",
        description="Every refusal is a problem document (RFC 9457) with a stable `code`, the command line's own.",
        routes=app.routes,
    )
    schemas = document.setdefault("components", {}).setdefault("schemas", {})
    for model in (ProblemDocument, ReportDocument):
        found = model.model_json_schema(ref_template=_REF, mode="serialization")
        schemas.update(found.pop("$defs", {}))
        schemas[model.__name__] = found
    schemas.update(_specs())
    schemas["BatchRows"] = _ROWS
    schemas["ManyJobs"] = _MANY
    schemas["ScheduleFields"] = _SCHEDULE
    schemas["CloneGroup"] = _with_hooks(CloneGroup.model_json_schema(ref_template=_REF))
    for name in ("HTTPValidationError", "ValidationError"):  # requests are refused in our own form
        schemas.pop(name, None)
    return document


def _with_hooks(schema: dict[str, Any]) -> dict[str, Any]:
    return {**schema, "properties": {**schema["properties"], "hooks": _TEXTS}}


def _specs() -> dict[str, Any]:
    """Return the schemas of all specs, each with the fields that surround it in a request."""
    found = TypeAdapter(Spec).json_schema(ref_template=_REF)
    schemas: dict[str, Any] = found["$defs"]
    mapping = {}
    for word, spec in OPERATIONS.items():
        schema = schemas[spec.__name__]
        schema["required"] = ["operation", *(one for one in schema.get("required", ()) if one != "operation")]
        schema["properties"] |= {name: {"type": "array", "items": {"type": "string"}} for name in ("after", "hooks")}
        mapping[word] = _REF.format(model=spec.__name__)
    refs = [{"$ref": ref} for ref in mapping.values()]
    schemas["JobSpec"] = {"oneOf": refs, "discriminator": {"propertyName": "operation", "mapping": mapping}}
    return schemas
