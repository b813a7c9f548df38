#include "ingest/libav_errors.h"

#include <cstdio>

#include "ffmpeg_handles.h"

namespace framewell {
namespace {

// libavformat logs `method DESCRIBE failed: 453 Not Enough Bandwidth` where its error number says only "4xx".
struct RtspFailure {
  char method[32] = {};
  int status = 0;
};

RtspFailure ParseMethodFailed(const std::string& log_line) {
  RtspFailure failure;
  if (std::sscanf(log_line.c_str(), "method %31s failed: %d", failure.method, &failure.status) != 2) return {};
  return failure;
}

}  // namespace

EngineError ClassifyConnectError(int error, const std::string& log_line) {
  const RtspFailure failure = ParseMethodFailed(log_line);
  if (failure.status != 0) {
    const char* code = failure.status == 401   ? "ERR_RTSP_UNAUTHORIZED"
                       : failure.status == 403 ? "ERR_RTSP_FORBIDDEN"
                       : failure.status == 404 ? "ERR_RTSP_NOT_FOUND"
                       : failure.status == 453 ? "ERR_RTSP_BUSY"
                                               : "ERR_RTSP_STATUS";
    return EngineError(code, std::string("Expected status 200 for ") + failure.method + " but the camera answered " +
                                 std::to_string(failure.status));
  }
  switch (error) {
    case AVERROR(ECONNREFUSED):
      return EngineError("ERR_RTSP_REFUSED", "Expected a listening RTSP server but the connection was refused");
    case AVERROR(EHOSTUNREACH):
    case AVERROR(ENETUNREACH):
      return EngineError("ERR_RTSP_UNREACHABLE", "Expected a route to the camera but received: " + AvErrorText(error));
    case AVERROR(ETIMEDOUT):
      return EngineError("ERR_RTSP_TIMEOUT", "Expected an answer from the camera but the connection timed out");
    case AVERROR_HTTP_UNAUTHORIZED:
      return EngineError("ERR_RTSP_UNAUTHORIZED", "Expected the camera to accept the credentials but it answered 401");
    case AVERROR_EOF:
    case AVERROR(ECONNRESET):
    case AVERROR(EPIPE):
      return EngineError("ERR_RTSP_PROTOCOL", "Expected an RTSP answer but the camera closed the connection");
    default:
      return EngineError("ERR_RTSP_PROTOCOL", "Expected a valid RTSP session but received: " + AvErrorText(error));
  }
}

EngineError ClassifyReadError(int error) {
  switch (error) {
    case AVERROR_EOF:
      return EngineError("ERR_STREAM_ENDED", "Expected more packets but the camera ended the session");
    case AVERROR(ECONNRESET):
    case AVERROR(EPIPE):
      return EngineError("ERR_STREAM_ENDED", "Expected more packets but the camera reset the connection");
    default:
      return EngineError("ERR_STREAM_ENDED", "Expected more packets but reading failed: " + AvErrorText(error));
  }
}

}  // namespace framewell
