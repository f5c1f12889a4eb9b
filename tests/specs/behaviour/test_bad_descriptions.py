"""Descriptions that are wrong: one error each, with the line that is wrong and what to write instead."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from understudy.specs.behaviour.description import as_error, examine, load
from understudy.specs.errors import UnderstudyError
from understudy.specs.library import load_yaml

FINE = """\
behaviour: 1
name: acme
title: Acme
servers: [https://api.acme.example]
evidence: {families: 'written for this test'}
account: {in: header, name: Authorization, scheme: Bearer}
limits: {active: 4}
families:
  jobs:
    states:
      waiting: {class: queued, next: [working, stopped]}
      working: {class: running, next: [done, broken]}
      done: {class: success}
      broken: {class: failed}
      stopped: {class: cancelled}
    record: {id: $id, state: $status, video: $result_url}
    request: {prompt: /prompt, callback_url: /hook}
    create:
      path: /jobs
      answer: {status: 201}
    query: {path: '/jobs/{id}'}
    cancel:
      path: /jobs/{id}/stop
      states: [waiting]
      becomes: stopped
    list: {path: /jobs, by: cursor, position: after, answer: {body: {jobs: $records}}}
    callback:
      at: {body: /hook}
      on: [done, broken]
      signature: {scheme: hmac, secret: account, over: '${body}', header: X-Signature}
    result: {kind: video, media_type: video/mp4}
    failures:
      fire: {reason: It burnt}
"""

BROKEN: dict[str, dict[str, Any]] = load_yaml(Path(__file__).with_name("bad_descriptions.yaml"))


def written(tmp_path: Path, text: str) -> Path:
    file = tmp_path / "acme" / "api.yaml"
    file.parent.mkdir()
    file.write_text(text, encoding="utf-8")
    return file


def test_description_without_a_mistake_is_read(tmp_path: Path) -> None:
    description = load(written(tmp_path, FINE), {}.get)
    assert (description.name, description.api, list(description.data["families"])) == (
        "acme",
        "acme",
        ["jobs"],
    )


@pytest.mark.parametrize("name", BROKEN)
def test_bad_description_is_one_error_with_its_line_and_what_to_write(tmp_path: Path, name: str) -> None:
    case = BROKEN[name]
    assert case["replace"] in FINE
    file = written(tmp_path, FINE.replace(case["replace"], case["by"], 1))
    with pytest.raises(UnderstudyError) as caught:
        load(file, {}.get)
    error = caught.value
    assert case["error"] in error.what
    assert error.where.startswith(f"{file}:{case['line']}")
    assert case["advice"] in error.advice


@pytest.mark.parametrize("name", [n for n in BROKEN if n not in ("a key twice", "no YAML")])
def test_bad_description_has_no_second_error_beside(tmp_path: Path, name: str) -> None:
    file = written(tmp_path, FINE.replace(BROKEN[name]["replace"], BROKEN[name]["by"], 1))
    _, found = examine(file, {}.get)
    assert [str(as_error(problem, file)) for problem in found[1:]] == []


def test_record_names_the_state_also_where_the_http_status_alone_tells_it(tmp_path: Path) -> None:
    by_status = "query: {path: '/jobs/{id}', answer: {status: 202, body: $absent}, states: {%s}}"
    ends = "done: {status: 200, bytes: true}, broken: {status: 410}, stopped: {status: 410}"
    fine = FINE.replace("query: {path: '/jobs/{id}'}", by_status % ends)
    assert examine(written(tmp_path, fine), {}.get)[1] == []
    file = tmp_path / "acme" / "api.yaml"
    file.write_text(fine.replace("state: $status, ", ""), encoding="utf-8")
    _, found = examine(file, {}.get)
    assert [(one.line, one.what) for one in found] == [
        (16, "records of 'waiting' and 'done' are alike, though only one of them is terminal")
    ]
    assert "a member with $status" in found[0].advice


def test_description_in_a_folder_of_another_name_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "emca" / "api.yaml"
    file.parent.mkdir()
    file.write_text(FINE, encoding="utf-8")
    with pytest.raises(
        UnderstudyError, match=r"api.yaml:2: /name: .*'acme' in a folder 'emca' \(name: emca\)"
    ):
        load(file, {}.get)
