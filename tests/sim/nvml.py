# SPDX-License-Identifier: Apache-2.0
#
# A program that knows NVIDIA's libraries by name and nothing of the emulator, as nvidia-ml-py and nvtrust use them
# (nvidia-device-access 1.8, 2.6): ctypes alone, the libraries found by LD_LIBRARY_PATH. Run by assay sim run.

import _ctypes
import ctypes
import sys
from ctypes import POINTER, Structure, byref, c_char, c_char_p, c_int, c_int8, c_ubyte, c_uint, c_uint32, c_void_p

NONCE = bytes(range(32))


class State(Structure):
    _fields_ = [("environment", c_uint), ("ccFeature", c_uint), ("devToolsMode", c_uint)]


class Settings(Structure):
    _fields_ = [("version", c_uint), ("environment", c_uint), ("ccFeature", c_uint), ("devToolsMode", c_uint),
                ("multiGpuMode", c_uint)]


class Certificate(Structure):
    _fields_ = [("certChainSize", c_uint), ("attestationCertChainSize", c_uint), ("certChain", c_ubyte * 0x1000),
                ("attestationCertChain", c_ubyte * 0x1400)]


class Report(Structure):
    _fields_ = [("isCecAttestationReportPresent", c_uint), ("attestationReportSize", c_uint),
                ("cecAttestationReportSize", c_uint), ("nonce", c_ubyte * 0x20), ("attestationReport", c_ubyte * 0x2000),
                ("cecAttestationReport", c_ubyte * 0x1000)]


class Session(Structure):
    _fields_ = [("p", c_void_p)]


class SessionResult(Structure):
    _fields_ = [("rc", c_int8), ("session", Session)]


class Uuid(Structure):
    _fields_ = [("bytes", c_ubyte * 16)]


class Label(Structure):
    _fields_ = [("data", c_char * 64)]


class SwitchCertificate(Structure):
    _fields_ = [("chain", c_ubyte * 0x1400), ("size", c_uint32)]


class SwitchReport(Structure):
    _fields_ = [("size", c_uint32), ("report", c_ubyte * 0x2000)]


def must(what, condition):
    if not condition:
        sys.exit("nvml.py: " + what)
    print(what)


def text_of(function, *before):
    out = ctypes.create_string_buffer(96)
    must(function.__name__, function(*before, out, c_uint(96)) == 0)
    return out.value.decode()


def gpu(nvml, index, uuids):
    handle = c_void_p()
    must("handle %d" % index, nvml.nvmlDeviceGetHandleByIndex_v2(c_uint(index), byref(handle)) == 0)
    name, uuid = text_of(nvml.nvmlDeviceGetName, handle), text_of(nvml.nvmlDeviceGetUUID, handle)
    must("%s %s" % (name, uuid), name.startswith("NVIDIA ") and uuid.startswith("GPU-") and uuid not in uuids)
    uuids.add(uuid)
    report, certificate, arch = Report(), Certificate(), c_uint()
    must("architecture", nvml.nvmlDeviceGetArchitecture(handle, byref(arch)) == 0 and arch.value == 9)
    report.nonce[:] = NONCE
    must("report", nvml.nvmlDeviceGetConfComputeGpuAttestationReport(handle, byref(report)) == 0)
    size = report.attestationReportSize
    must("report of %d bytes" % size, 37 < size <= 0x2000)
    must("its nonce", bytes(report.attestationReport[4:36]) == NONCE and bytes(report.nonce) == NONCE)
    must("certificate", nvml.nvmlDeviceGetConfComputeGpuCertificate(handle, byref(certificate)) == 0)
    chain = bytes(certificate.attestationCertChain[:certificate.attestationCertChainSize])
    must("chain of 5", chain.count(b"-----BEGIN CERTIFICATE-----") == 5)


def gpus(wanted, cc, multi_gpu, scope):
    nvml = ctypes.CDLL("libnvidia-ml.so.1", scope)
    nvml.nvmlErrorString.restype = c_char_p
    must("uninitialized", nvml.nvmlShutdown() == 1)
    must("its text", nvml.nvmlErrorString(c_int(1)) == b"Uninitialized")
    must("init", nvml.nvmlInitWithFlags(c_uint(0)) == 0)
    state, settings, count, ready = State(), Settings(), c_uint(), c_uint(7)
    must("state", nvml.nvmlSystemGetConfComputeState(byref(state)) == 0 and state.ccFeature == cc)
    must("settings without version", nvml.nvmlSystemGetConfComputeSettings(byref(settings)) == 25)
    settings.version = 0x01000014
    must("settings", nvml.nvmlSystemGetConfComputeSettings(byref(settings)) == 0)
    must("mode", (settings.ccFeature, settings.devToolsMode, settings.multiGpuMode) == (cc, 0, multi_gpu))
    must("ready", nvml.nvmlSystemGetConfComputeGpusReadyState(byref(ready)) == 0 and ready.value == 0)
    must("count", nvml.nvmlDeviceGetCount_v2(byref(count)) == 0 and count.value == wanted)
    text_of(nvml.nvmlSystemGetDriverVersion)
    uuids = set()
    for i in range(wanted):
        gpu(nvml, i, uuids)
    must("shutdown", nvml.nvmlShutdown() == 0)


def observe(nscq, session, path, value, take):
    """All that callbacks of that value type said, by label."""
    said = {}

    @ctypes.CFUNCTYPE(None, POINTER(Uuid), c_int8, value, c_void_p)
    def callback(device, rc, v, _user):
        label = Label()
        nscq.nscq_uuid_to_label(device, byref(label), c_uint32(0))
        said[label.data.decode()] = (rc, take(v))

    must(path, nscq.nscq_session_path_observe(session, path.encode(), callback, None, c_uint32(0)) == 0)
    return said


def switches(wanted, scope):
    nscq = ctypes.CDLL("libnvidia-nscq.so.2", scope)
    nscq.nscq_session_create.restype = SessionResult
    nscq.nscq_session_path_observe.restype = nscq.nscq_session_set_input.restype = c_int8
    must("API version", c_uint32.in_dll(nscq, "nscq_api_version").value >> 24 == 2)
    created = nscq.nscq_session_create(c_uint32(1))
    must("session", created.rc == 0 and created.session.p)
    session = created.session
    archs = observe(nscq, session, "/{nvswitch}/id/arch", c_int8, int)
    must("LS10", len(archs) == wanted and set(archs.values()) == {(0, 2)})
    must("input", nscq.nscq_session_set_input(session, c_uint32(0), NONCE, c_uint32(32)) == 0)
    for label in sorted(archs):
        must("locked", observe(nscq, session, "/%s/config/pcie_mode" % label, c_int8, int) == {label: (0, 3)})
        said = observe(nscq, session, "/%s/config/attestation_report" % label, SwitchReport,
                       lambda r: (r.size, bytes(r.report[4:36])))
        must("report", said[label][0] == 0 and 37 < said[label][1][0] <= 0x2000 and said[label][1][1] == NONCE)
        said = observe(nscq, session, "/%s/config/certificate" % label, SwitchCertificate,
                       lambda c: bytes(c.chain[:c.size]).count(b"-----BEGIN CERTIFICATE-----"))
        must("chain of 5", said == {label: (0, 5)})
    nscq.nscq_session_destroy(session)


if sys.argv[1] == "single":
    for _ in range(20):
        passing = ctypes.CDLL("libnvidia-ml.so.1", ctypes.RTLD_LOCAL)
        must("init", passing.nvmlInit_v2() == 0 and passing.nvmlShutdown() == 0)
        _ctypes.dlclose(passing._handle)
    gpus(1, 1, 0, ctypes.RTLD_LOCAL)
else:
    gpus(8, 0, 1, ctypes.RTLD_GLOBAL)  # as go-nvml opens them
    switches(4, ctypes.RTLD_GLOBAL)
