"""Serves an MP4 file with H.264 over RTSP by GStreamer's server, which has nothing to do with ours; prints the address.

other-rtsp-server.py <file> [tcp|udp]   ends with its standard input
"""

import sys

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtsp", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtsp, GstRtspServer  # noqa: E402

Gst.init(None)
file, transport = sys.argv[1], sys.argv[2]
loop = GLib.MainLoop()
server = GstRtspServer.RTSPServer.new()
server.set_address("127.0.0.1")
server.set_service("0")
factory = GstRtspServer.RTSPMediaFactory.new()
factory.set_launch(f'( filesrc location="{file}" ! qtdemux ! h264parse ! rtph264pay name=pay0 pt=96 config-interval=-1 )')
factory.set_shared(False)
factory.set_protocols(GstRtsp.RTSPLowerTrans.TCP if transport == "tcp" else GstRtsp.RTSPLowerTrans.UDP)
server.get_mount_points().add_factory("/other", factory)
server.attach(None)
print(f"rtsp://127.0.0.1:{server.get_bound_port()}/other", flush=True)
GLib.io_add_watch(GLib.IOChannel.unix_new(0), GLib.PRIORITY_DEFAULT, GLib.IOCondition.HUP, lambda *_: loop.quit())
loop.run()
