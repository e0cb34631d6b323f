# SPDX-License-Identifier: BSD-3-Clause
"""Reads a statement by in-toto's own library (PyPI's in-toto-attestation): the statement and its predicate must parse
without a member that the specification does not have. Usage: statement.py FILE"""
import json
import sys

from google.protobuf import json_format
from in_toto_attestation.predicates.test_result.v0 import test_result_pb2
from in_toto_attestation.v1 import statement_pb2
from in_toto_attestation.v1.statement import Statement

with open(sys.argv[1], encoding="utf-8") as file:
    text = file.read()
statement = json_format.Parse(text, statement_pb2.Statement())
Statement.copy_from_pb(statement).validate()
result = json_format.Parse(json.dumps(json.loads(text)["predicate"]), test_result_pb2.TestResult())
print(f"valid: {len(statement.subject)} subjects, {result.result}, {len(result.configuration)} records")
