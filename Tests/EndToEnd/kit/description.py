"""The API's description, Web/openapi.json, as tests read it: its requests, its examples, its schemas."""

from __future__ import annotations

import json
import pathlib
from urllib.parse import quote, urlencode

from jsonschema import Draft202012Validator

PATH = pathlib.Path(__file__).resolve().parents[3] / "Web" / "openapi.json"
METHODS = ("get", "head", "options", "post", "put", "patch", "delete", "trace")
# What frames a body; the description has no place for it.
FRAMING_FIELDS = {"content-type", "content-length", "transfer-encoding"}


class Description:
    def __init__(self, document):
        self.document = document
        self._validators = {}

    @staticmethod
    def from_file():
        return Description(json.loads(PATH.read_text(encoding="utf-8")))

    def resolved(self, value):
        while isinstance(value.get("$ref"), str):
            place = self.document
            for name in value["$ref"].removeprefix("#/").split("/"):
                place = place[name.replace("~1", "/").replace("~0", "~")]
            value = place
        return value

    def operations(self):
        """Each path and method, with what is described of it."""
        for path, item in self.document["paths"].items():
            for method in METHODS:
                if method in item:
                    yield path, method, item[method]

    def examples(self):
        """Each answer that has an example of its own: (path, method, status, name of the example).

        Answers that many requests share are not among them: nobody can say which request has them.
        """
        for path, method, operation in self.operations():
            for status, response in operation["responses"].items():
                names = list(response.get("x-examples", ()))
                for media in response.get("content", {}).values():
                    names += media.get("examples", {})
                for name in names:
                    yield path, method, status, name

    def request(self, path, method, name):
        """The target, header fields and body of the example of that name."""
        item = self.document["paths"][path]
        operation = item[method]
        target, query, fields = path, [], []
        shared = self.document["x-fields-of-every-request"]
        for parameter in item.get("parameters", []) + operation.get("parameters", []) + shared:
            parameter = self.resolved(parameter)
            if name not in parameter.get("examples", {}):
                continue
            value = parameter["examples"][name]["value"]
            if parameter["in"] == "path":
                target = target.replace("{%s}" % parameter["name"], quote(str(value), safe=""))
            elif parameter["in"] == "header":
                fields.append((parameter["name"], str(value)))
            else:
                values = value if isinstance(value, list) else [value]
                query += [(parameter["name"], each) for each in values]
        assert "{" not in target, f"{path} has no example {name}"
        content = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
        body = None
        if name in content.get("examples", {}):
            value = content["examples"][name]["value"]
            # A text is no object of JSON: it is sent as it is.
            body = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        return target + ("?" + urlencode(query) if query else ""), fields, body

    def response(self, path, method, status):
        return self.resolved(self.document["paths"][path][method]["responses"][status])

    def complaints(self, schema, value):
        """What a value has that its schema does not allow."""
        key = json.dumps(schema)
        if key not in self._validators:
            self._validators[key] = Draft202012Validator(self._whole(schema))
        return [error.message for error in self._validators[key].iter_errors(value)]

    def _whole(self, schema):
        """A schema with what it refers to in its place: to look that up each time takes a tenth of a second."""
        if isinstance(schema, list):
            return [self._whole(each) for each in schema]
        if not isinstance(schema, dict):
            return schema
        return {name: self._whole(each) for name, each in self.resolved(schema).items()}

    def field_complaints(self, described, response):
        """What header fields a response has that are not described, or not so."""
        headers = {name.lower(): self.resolved(header) for name, header in described.items()}
        shared = self.document["x-fields-of-every-answer"]
        headers |= {name.lower(): self.resolved(header) for name, header in shared.items()}
        found = []
        for name, text in response.fields:
            if name.lower() in FRAMING_FIELDS:
                continue
            header = headers.get(name.lower())
            if header is None:
                found.append(f"{name} is not described")
                continue
            value = int(text) if header["schema"]["type"] == "integer" else text
            found += [f"{name}: {each}" for each in self.complaints(header["schema"], value)]
        given = {name.lower() for name, _ in response.fields}
        for name in described:
            if self.resolved(described[name]).get("required") and name.lower() not in given:
                found.append(f"{name} is missing")
        return found
