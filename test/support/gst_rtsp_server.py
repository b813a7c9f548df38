#!/usr/bin/python3
"""GStreamer's RTSP server as a second opinion: a server, payloaders and challenges that are not ours.

Plays SMPTE bars with a moving patch of noise on /h264, /h265, /vp8 and /mjpeg, live. Prints one JSON line with its port
when it is ready; ends when its standard input closes or on SIGTERM.
"""

import argparse
import json
import signal
import sys

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtsp", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtsp, GstRtspServer  # noqa: E402

# 15 frames/s keeps three encoders within a small machine. One second between keyframes bounds the wait for the
# first picture; config-interval -1 repeats the parameter sets in band before each of them.
PICTURE = "width={width},height={height},framerate=15/1"
BARS = "videotestsrc is-live=true pattern=smpte ! video/x-raw,format=I420,colorimetry=bt601," + PICTURE
# JFIF is full-range BT.601 and jpegenc writes planes as they come: they have to be full-range from RGB on.
FULL_RANGE_BARS = (
    "videotestsrc is-live=true pattern=smpte ! video/x-raw,format=RGB," + PICTURE
    + " ! videoconvert ! video/x-raw,format=I420,colorimetry=1:4:0:0"
)
ENCODING = "tune=zerolatency speed-preset=ultrafast key-int-max=15 bitrate=1500"
MOUNTS = {
    "/h264": f"{BARS} ! x264enc {ENCODING} ! rtph264pay name=pay0 pt=96 config-interval=-1",
    "/h265": f"{BARS} ! x265enc {ENCODING} ! rtph265pay name=pay0 pt=96 config-interval=-1",
    # No codec of our own receiver's: libavformat has to take over.
    "/vp8": f"{BARS} ! vp8enc deadline=1 cpu-used=16 keyframe-max-dist=15 target-bitrate=1500000 "
    + "! rtpvp8pay name=pay0 pt=96",
    "/mjpeg": f"{FULL_RANGE_BARS} ! jpegenc quality=95 ! rtpjpegpay name=pay0 pt=26",
}
ROLE = "viewer"


def make_factory(launch, width, height):
    factory = GstRtspServer.RTSPMediaFactory()
    factory.set_launch("( " + launch.format(width=width, height=height) + " )")
    factory.set_shared(True)
    return factory


def require_login(server, scheme, user, password):
    token = GstRtspServer.RTSPToken()
    token.set_string(GstRtspServer.RTSP_TOKEN_MEDIA_FACTORY_ROLE, ROLE)
    auth = GstRtspServer.RTSPAuth()
    if scheme == "basic":
        auth.set_supported_methods(GstRtsp.RTSPAuthMethod.BASIC)
        auth.add_basic(GstRtspServer.RTSPAuth.make_basic(user, password), token)
    else:
        auth.set_supported_methods(GstRtsp.RTSPAuthMethod.DIGEST)
        auth.add_digest(user, password, token)
    server.set_auth(auth)


def enforce_session_timeout(server, seconds):
    def on_new_session(_client, session):
        session.set_timeout(seconds)
        # It gives clients five seconds more than it says.
        session.set_property("extra-timeout", 0)

    def on_client_connected(_server, client):
        client.connect("new-session", on_new_session)

    def clean_up():
        server.get_session_pool().cleanup()
        return GLib.SOURCE_CONTINUE

    server.connect("client-connected", on_client_connected)
    # The pool ends sessions only when it is asked to.
    GLib.timeout_add(250, clean_up)


def permit(factory):
    permissions = GstRtspServer.RTSPPermissions()
    permissions.add_permission_for_role(ROLE, GstRtspServer.RTSP_PERM_MEDIA_FACTORY_ACCESS, True)
    permissions.add_permission_for_role(ROLE, GstRtspServer.RTSP_PERM_MEDIA_FACTORY_CONSTRUCT, True)
    factory.set_permissions(permissions)


def keep_watching(url, options):
    """A client of every mount for as long as the server runs.

    Shared media are taken down with their last client and set up with the next; on a busy machine the server then
    gets stuck and answers 503 for good.
    """
    pipeline = Gst.Pipeline()
    source = Gst.ElementFactory.make("rtspsrc")
    source.set_property("location", url)
    source.set_property("protocols", "tcp")
    if options.user:
        source.set_property("user-id", options.user)
        source.set_property("user-pw", options.password or "")
    sink = Gst.ElementFactory.make("fakesink")
    sink.set_property("async", False)
    sink.set_property("signal-handoffs", True)
    pipeline.add(source)
    pipeline.add(sink)
    source.connect("pad-added", lambda _, pad: pad.link(sink.get_static_pad("sink")))
    pipeline.set_state(Gst.State.PLAYING)
    return pipeline, sink


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--user")
    arguments.add_argument("--password")
    arguments.add_argument("--auth", choices=["basic", "digest"], default="digest")
    arguments.add_argument("--mounts", nargs="+", choices=MOUNTS, default=list(MOUNTS))
    arguments.add_argument("--width", type=int, default=640)
    arguments.add_argument("--height", type=int, default=360)
    arguments.add_argument("--session-timeout", type=int, help="seconds without a sign of the client")
    options = arguments.parse_args()

    Gst.init(None)
    server = GstRtspServer.RTSPServer()
    server.set_address("127.0.0.1")
    server.set_service("0")
    if options.user:
        require_login(server, options.auth, options.user, options.password or "")
    if options.session_timeout:
        enforce_session_timeout(server, options.session_timeout)
    mounts = server.get_mount_points()
    for path in options.mounts:
        factory = make_factory(MOUNTS[path], options.width, options.height)
        if options.user:
            permit(factory)
        mounts.add_factory(path, factory)
    if server.attach(None) == 0:
        sys.exit("Expected a free port on 127.0.0.1 but could not attach the RTSP server")

    loop = GLib.MainLoop()
    GLib.unix_signal_add(GLib.PRIORITY_DEFAULT, signal.SIGTERM, loop.quit)
    GLib.io_add_watch(
        GLib.IOChannel.unix_new(sys.stdin.fileno()),
        GLib.PRIORITY_DEFAULT,
        GLib.IOCondition.HUP,
        lambda *_: loop.quit(),
    )
    port = server.get_bound_port()
    waiting = set(options.mounts)

    def on_packet(sink, _buffer, _pad, path):
        sink.set_property("signal-handoffs", False)
        GLib.idle_add(announce, path)

    def announce(path):
        waiting.discard(path)
        if not waiting:
            print(json.dumps({"port": port}), flush=True)

    watching = []
    for path in options.mounts:
        pipeline, sink = keep_watching(f"rtsp://127.0.0.1:{port}{path}", options)
        sink.connect("handoff", on_packet, path)
        watching.append(pipeline)
    loop.run()
    for pipeline in watching:
        pipeline.set_state(Gst.State.NULL)


if __name__ == "__main__":
    main()
