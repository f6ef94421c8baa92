"""The inventory names every asset, the map draws where PHI is and how it moves, in every form."""

from __future__ import annotations

import csv
import io
import json
import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

from hipaalint.cli import main
from hipaalint.pipeline import understand
from hipaalint.report.map_condense import condensed
from hipaalint.report.map_layout import layout_of
from hipaalint.report.map_svg import render_svg
from hipaalint.report.map_text import render_csv, render_dot, render_json, render_mermaid
from hipaalint.report.resource_map import (
    DECLARED,
    DENIED,
    ENCRYPTED,
    PLAIN,
    RECEIVED,
    UNSAID,
    Link,
    ResourceMap,
    map_of,
)

PORTAL = Path(__file__).parents[3] / "fixtures" / "patient-portal"
PATIENTS = """
resource "aws_s3_bucket" "records" {
  bucket = "records"
  tags   = { PHI = "true" }
}
resource "aws_s3_bucket_logging" "records" {
  bucket        = aws_s3_bucket.records.id
  target_bucket = aws_s3_bucket.logs.id
  target_prefix = "s3/"
}
resource "aws_s3_bucket" "logs" { bucket = "logs" }
resource "aws_s3_bucket" "assets" {
  bucket = "assets"
  tags   = { PHI = "false" }
}
resource "aws_ebs_volume" "plain" {
  count             = 2
  availability_zone = "us-east-1a"
  size              = 8
}
"""


def mapped(text: str, tmp_path: Path) -> ResourceMap:
    (tmp_path / ".git").mkdir(exist_ok=True)
    (tmp_path / "main.tf").write_text(text, encoding="utf-8")
    graph, _ = understand([tmp_path])
    return map_of(graph)


@pytest.fixture(scope="module")
def portal() -> ResourceMap:
    graph, _ = understand([PORTAL / "cloudformation"])
    return map_of(graph)


def ways(found: ResourceMap) -> set[tuple[str, str, str]]:
    return {
        (link.source.label if link.source else "Internet", link.sink.label, link.encryption) for link in found.links
    }


def link(found: ResourceMap, source: str, sink: str) -> Link:
    (one,) = (each for each in found.links if each.source and (each.source.label, each.sink.label) == (source, sink))
    return one


def test_phi_is_declared_received_denied_or_unsaid(tmp_path: Path) -> None:
    found = mapped(PATIENTS, tmp_path)
    phi = {asset.resource.address: asset.phi for asset in found.assets if asset.role}
    assert phi == {
        "aws_s3_bucket.records": DECLARED,
        "aws_s3_bucket.logs": RECEIVED,
        "aws_s3_bucket.assets": DENIED,
        "aws_ebs_volume.plain[0]": UNSAID,
        "aws_ebs_volume.plain[1]": UNSAID,
    }
    assert link(found, "records", "logs").what == "delivers its access logs to"


def test_data_that_is_not_said_to_be_phi_moves_too(tmp_path: Path) -> None:
    found = mapped(PATIENTS.replace('PHI = "true"', 'Team = "web"'), tmp_path)
    assert link(found, "records", "logs").what == "delivers its access logs to"


def test_instances_of_one_resource_are_drawn_once(tmp_path: Path) -> None:
    found = mapped(PATIENTS, tmp_path)
    assert sorted((node.label, len(node.assets)) for node in found.nodes) == [
        ("assets", 1),
        ("logs", 1),
        ("plain", 2),
        ("records", 1),
    ]
    assert "plain ×2" in render_svg(found)


def test_many_nodes_of_a_kind_become_one(tmp_path: Path) -> None:
    buckets = "".join(f'resource "aws_s3_bucket" "b{n}" {{ bucket = "b{n}" }}\n' for n in range(130))
    found = mapped(PATIENTS + buckets, tmp_path)
    small = condensed(found)
    assert small.assets == found.assets
    figures = sorted((node.label, len(node.assets)) for node in small.nodes)
    assert figures == [("Bucket", 130), ("assets", 1), ("logs", 1), ("plain", 2), ("records", 1)]
    assert link(small, "records", "logs").what == "delivers its access logs to"
    assert [len(node.assets) for node in condensed(found, 200).nodes] == [len(node.assets) for node in found.nodes]


def test_the_portal_is_what_a_person_would_draw(portal: ResourceMap) -> None:
    drawn = ways(portal)
    entries = {sink for source, sink, _ in drawn if source == "Internet"}
    assert entries == {"PortalLoadBalancer", "ExchangeLoadBalancer", "ReportingInstance"}
    assert ("Internet", "PortalLoadBalancer", ENCRYPTED) in drawn, "its other listener only redirects to HTTPS"
    assert ("PortalLoadBalancer", "WebInstanceA", ENCRYPTED) in drawn
    assert ("LegacyLoadBalancer", "ReportingInstance", PLAIN) in drawn
    assert link(portal, "WebInstanceA", "DataStores/PortalDatabase").what == "may connect to"
    assert link(portal, "IntakeQueue", "RejectedQueue").what == "moves what failed to"
    assert link(portal, "RecordsBucket", "LogBucket").what == "delivers its access logs to"
    assert not [each for each in portal.links if each.source and each.source.label.startswith("DataStores/Portal")]
    places = {node.label: node.vpc for node in portal.nodes}
    assert places["WebInstanceA"] == places["DataStores/PortalDatabase"] == "PortalVpc"
    assert places["ImagingInstance"] == "ImagingVpc"
    assert places["RecordsBucket"] == ""


def test_both_languages_of_the_portal_have_the_same_ways() -> None:
    figures = []
    for language in ("terraform", "cloudformation"):
        graph, _ = understand([PORTAL / language])
        found = map_of(graph)
        role = {node.id: node.first.role for node in found.nodes}
        figures.append(
            {
                (role[each.source.id] if each.source else "internet", role[each.sink.id], each.encryption, each.what)
                for each in found.links
            }
        )
    assert figures[0] == figures[1]


def test_the_inventory_names_every_resource(portal: ResourceMap) -> None:
    rows = list(csv.DictReader(io.StringIO(render_csv(portal))))
    document = json.loads(render_json(portal))
    assert [row["resource"] for row in rows] == [each["resource"] for each in document["assets"]]
    graph, _ = understand([PORTAL / "cloudformation"])
    assert {row["resource"] for row in rows} == {each.address for each in graph.resources if not each.partial}
    database = next(row for row in rows if row["resource"] == "DataStores/PortalDatabase")
    assert (database["phi"], database["internet"], database["vpc"]) == ("declared", "no", "PortalVpc")


def test_nothing_overlaps_in_the_picture(portal: ResourceMap) -> None:
    layout = layout_of(portal)
    boxes = list(layout.boxes.values())
    assert len(boxes) == len(portal.nodes)
    for number, one in enumerate(boxes):
        assert 0 <= one.x <= one.x + one.width <= layout.width
        assert 0 <= one.y <= one.y + one.height <= layout.height
        for other in boxes[number + 1 :]:
            apart = one.x + one.width <= other.x or other.x + other.width <= one.x
            assert apart or one.y + one.height <= other.y or other.y + other.height <= one.y


def test_every_form_holds_every_node_and_link(portal: ResourceMap) -> None:
    picture = ElementTree.fromstring(render_svg(portal))
    titles = [each.text or "" for each in picture.iter("{http://www.w3.org/2000/svg}title")]
    assert len(titles) == 1 + len(portal.nodes) + len(portal.links)
    for text, arrow in ((render_dot(portal), " -> "), (render_mermaid(portal), "| n")):
        assert sum(arrow in line for line in text.splitlines()) == len(portal.links)
        for node in portal.nodes:
            assert re.search(rf"\b{node.id}\b", text)
    document = json.loads(render_json(portal))
    assert (len(document["nodes"]), len(document["links"])) == (len(portal.nodes), len(portal.links))


def test_a_hostile_name_ends_nothing(tmp_path: Path) -> None:
    evil = 'a"];<script>x</script>\\n|end'
    text = PATIENTS.replace(
        'resource "aws_ebs_volume" "plain" {\n  count             = 2',
        'resource "aws_ebs_volume" "plain" {\n  for_each = toset([' + json.dumps(evil) + "])",
    )
    found = mapped(text, tmp_path)
    assert any("script" in asset.resource.address for asset in found.assets)
    assert "<script" not in render_svg(found) + render_mermaid(found)
    for line in render_dot(found).splitlines():
        assert len(re.findall(r'(?<!\\)(?:\\\\)*"', line)) % 2 == 0
    ElementTree.fromstring(render_svg(found, links=True))


def test_the_command_writes_what_the_file_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = tmp_path / "map.svg"
    assert main(["map", str(PORTAL / "terraform"), "-o", str(target)]) == 0
    assert target.read_text(encoding="utf-8").startswith("<svg ")
    assert main(["map", str(PORTAL / "terraform")]) == 0
    assert capsys.readouterr().out.startswith("flowchart LR\n")
    assert main(["map", str(PORTAL), "--format", "png"]) == 2
    assert 'no "png"' in capsys.readouterr().err


def test_the_picture_in_the_documentation_is_up_to_date() -> None:
    graph, _ = understand([PORTAL / "terraform"])
    written = (PORTAL.parents[1] / "docs" / "map-patient-portal.svg").read_text(encoding="utf-8")
    assert written == render_svg(map_of(graph)), (
        "run: hipaalint map fixtures/patient-portal/terraform -o docs/map-patient-portal.svg"
    )
