"""What a Python program with OpenCV does: a thread for each camera reads every frame, JPEGs are made for who asks.

opencv_server.py PORT QUALITY URL...
"""

import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import cv2


class Camera:
    """The newest frame of a camera."""

    def __init__(self, url):
        self._capture = cv2.VideoCapture(url, cv2.CAP_FFMPEG)
        self._changed = threading.Condition()
        self._frame = None
        self._count = 0
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        while True:
            ok, frame = self._capture.read()
            if not ok:
                return
            with self._changed:
                self._frame = frame
                self._count += 1
                self._changed.notify_all()

    def newer_than(self, count):
        """The first frame after that many, and its own number."""
        with self._changed:
            self._changed.wait_for(lambda: self._count > count)
            return self._frame, self._count


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    cameras = []
    quality = 0

    def do_GET(self):
        _, camera, what = self.path.split("/")
        camera = self.cameras[int(camera)]
        if what == "snapshot":
            jpeg, _ = self._jpeg_after(camera, 0)
            self.send_response(200)
            self.send_header("Content-Type", "image/jpeg")
            self.send_header("Content-Length", str(len(jpeg)))
            self.end_headers()
            self.wfile.write(jpeg)
        else:
            self._stream(camera)

    def _stream(self, camera):
        self.send_response(200)
        self.send_header("Content-Type", "multipart/x-mixed-replace; boundary=frame")
        self.send_header("Connection", "close")
        self.end_headers()
        count = 0
        try:
            while True:
                jpeg, count = self._jpeg_after(camera, count)
                head = f"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: {len(jpeg)}\r\n\r\n"
                self.wfile.write(head.encode() + jpeg + b"\r\n")
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True

    def _jpeg_after(self, camera, count):
        frame, count = camera.newer_than(count)
        _, jpeg = cv2.imencode(".jpg", frame, [cv2.IMWRITE_JPEG_QUALITY, self.quality])
        return jpeg.tobytes(), count

    def log_message(self, *_):
        """Nothing is printed for each request."""


if __name__ == "__main__":
    port, quality, *urls = sys.argv[1:]
    Handler.quality = int(quality)
    Handler.cameras = [Camera(url) for url in urls]
    ThreadingHTTPServer(("127.0.0.1", int(port)), Handler).serve_forever()
