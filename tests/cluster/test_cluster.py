"""The parts of the local cluster that can be tested without one."""

import os
import re
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import yaml
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from tests.cluster import controlplane, images, node, pki, toolchain
from tests.cluster.access import Access
from tests.cluster.builders import pip_settings
from tests.cluster.hashing import digest
from tests.cluster.sandbox import Process, mounted_anywhere
from tests.cluster.settings import IN, REPOSITORY
from tests.cluster.shell import Trouble


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("pki")
    pki.write_pki(directory)
    return directory


def certificate(directory: Path, name: str) -> x509.Certificate:
    return x509.load_pem_x509_certificate((directory / f"{name}.crt").read_bytes())


def test_the_kubelet_is_known_as_its_node(certificates: Path) -> None:
    subject = certificate(certificates, "kubelet").subject
    assert [part.value for part in subject.get_attributes_for_oid(NameOID.COMMON_NAME)] == [
        "system:node:node"
    ]
    assert [part.value for part in subject.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)] == [
        "system:nodes"
    ]


def test_a_certificate_has_one_purpose_and_our_authority(certificates: Path) -> None:
    authority = certificate(certificates, "ca")
    servers = set(pki.SERVER_NAMES)
    for file in certificates.glob("*.crt"):
        if file.stem != "ca":
            found = certificate(certificates, file.stem)
            found.verify_directly_issued_by(authority)
            uses = found.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
            server = file.stem in servers
            purpose = ExtendedKeyUsageOID.SERVER_AUTH if server else ExtendedKeyUsageOID.CLIENT_AUTH
            assert list(uses) == [purpose], file


def test_keys_and_kubeconfigs_are_private(certificates: Path) -> None:
    for file in [*certificates.glob("*.key"), *certificates.glob("*.kubeconfig")]:
        assert file.stat().st_mode & 0o077 == 0, file


def test_a_kubeconfig_stands_alone(certificates: Path) -> None:
    config = yaml.safe_load((certificates / "admin.kubeconfig").read_text())
    assert set(config["users"][0]["user"]) == {"client-certificate-data", "client-key-data"}
    assert config["clusters"][0]["cluster"]["server"] == "https://10.200.0.1:6443"
    assert str(certificates) not in (certificates / "admin.kubeconfig").read_text()


def test_nobody_is_anonymous(tmp_path: Path) -> None:
    layout = controlplane.Layout(tmp_path)
    assert "--anonymous-auth=false" in controlplane.apiserver(layout)
    kubelet = yaml.safe_load(node.files(layout, "group")[layout.settings / "kubelet.yaml"])
    assert kubelet["authentication"]["anonymous"] == {"enabled": False}
    assert kubelet["authorization"] == {"mode": "Webhook"}


def test_the_key_of_sources_follows_names_content_and_settings() -> None:
    sources = [REPOSITORY / "tests" / "cluster" / "kube"]
    assert digest(sources) == digest(sources)
    assert len({digest(sources), digest([*sources, IN]), digest(sources, ["flag"])}) == 3


def test_each_image_has_one_name_and_its_own_content() -> None:
    assert images.named("flows:dev").name == "docker.io/local/daskflow-flows:dev"
    content = {(image.dockerfile, image.base, image.stage, image.arguments) for image in images.ALL_IMAGES}
    assert len(content) == len({image.name for image in images.ALL_IMAGES}) == len(images.ALL_IMAGES)
    with pytest.raises(Trouble, match="no image 'flows'"):
        images.named("flows")


def test_each_package_list_and_stage_belongs_to_an_image() -> None:
    inputs = {name for image in images.ALL_IMAGES for name in image.inputs}
    for file in (REPOSITORY / "locks" / "flows").glob("*.txt"):
        assert f"locks/flows/{file.name}" in inputs
    stages = re.findall(r"^FROM .* AS (\w+)$", (REPOSITORY / "docker" / "Dockerfile.flows").read_text(), re.M)
    assert set(stages) == {image.stage for image in images.ALL_IMAGES if image.stage}


def test_builds_get_the_index_but_no_paths_of_this_machine() -> None:
    listed = (
        "global.index-url='https://index.example/simple'\n"
        ":env:.cert='/home/me/ca.pem'\n"
        ":env:.find-links='/opt/wheels'\n"
        "install.user='1'\n"
    )
    assert pip_settings(listed, certificates=True) == (
        "[global]\nindex-url = https://index.example/simple\ncert = /run/secrets/ca\n"
    )


def test_a_process_is_told_from_a_later_one_with_its_number() -> None:
    me = Process.of(os.getpid())
    assert me is not None
    assert me.lives()
    assert not Process(me.pid, me.started + 1).lives()


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root, as the local cluster does")
def test_mounts_of_other_namespaces_are_seen(tmp_path: Path) -> None:
    script = 'mount -t tmpfs none "$0" && echo mounted && read _'
    command = ["unshare", "--mount", "--propagation", "private", "sh", "-c", script, str(tmp_path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"mounted\n"
        assert str(tmp_path) in mounted_anywhere()
        process.communicate(b"\n")
    assert str(tmp_path) not in mounted_anywhere()


def test_in_passes_on_arguments_stdin_folder_and_exit_code(tmp_path: Path) -> None:
    access = Access("given", tmp_path / "my config", tools=tmp_path / "tools")
    access.record(tmp_path / "access")
    script = 'cat; pwd; echo "$KUBECONFIG" "${PATH%%:*}" "$1"; exit 7'
    done = subprocess.run(
        [IN, "sh", "-c", script, "sh", "two words"],
        input="hello\n",
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env={**os.environ, "DASKFLOW_ACCESS": str(tmp_path / "access")},
        check=False,
    )
    assert done.returncode == 7
    assert done.stdout.splitlines() == [
        "hello",
        str(tmp_path),
        f"{tmp_path}/my config {tmp_path}/tools two words",
    ]


def test_in_refuses_a_cluster_that_has_ended(tmp_path: Path) -> None:
    Access("local", tmp_path / "kubeconfig", pid=os.getpid(), network="net:[1]").record(tmp_path / "access")
    environment = {**os.environ, "DASKFLOW_ACCESS": str(tmp_path / "access")}
    done = subprocess.run([IN, "true"], capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 1
    assert "make cluster" in done.stderr


def test_debian_packages_are_installed_by_one_at_a_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program, proof = tmp_path / "apt-get", tmp_path / "installed"
    program.write_text(
        f"#!/bin/sh\nmkdir {tmp_path}/busy || exit 100\necho $1 >> {tmp_path}/calls\nsleep 0.1\n"
        f"[ $1 = install ] && touch {proof}\nrmdir {tmp_path}/busy\n"
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    with ThreadPoolExecutor() as pool:
        for _ in pool.map(toolchain.install, [{"thing": str(proof)}] * 2):
            pass
    assert (tmp_path / "calls").read_text().split() == ["update", "install"]
