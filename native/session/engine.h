// The CPU engine of one process: its worker threads, its encoders, and every session that is open.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "decode/work_pool.h"
#include "ingest/camera_receiver.h"
#include "jpeg/jpeg_encoder.h"
#include "session/camera_session.h"

namespace framewell {

// Thread-safe but for Shutdown, which comes from the thread that owns the engine.
class Engine {
 public:
  explicit Engine(size_t work_threads);
  ~Engine() { Shutdown(); }

  std::shared_ptr<CameraSession> OpenSession(SessionOptions options, SessionObserver observer,
                                             CameraReceiverOptions receiver);
  // The session has called `ended`; waits for its thread and forgets it.
  void CloseSession(const std::shared_ptr<CameraSession>& session);

  // Called once, on a pool thread: exactly one of `jpeg` and `error` is set.
  using EncodeCallback = std::function<void(JpegBytes* jpeg, const EngineError* error)>;
  // `as_received`: an MJPEG camera's own picture as it came, whatever the options say.
  void Encode(PicturePtr picture, JpegOptions options, bool as_received, EncodeCallback callback);

  // Asks every session to stop, then waits for all of them, then for the pool. Idempotent.
  void Shutdown();

 private:
  JpegBytes EncodeNow(const Picture& picture, const JpegOptions& options, bool as_received);
  // An encoder keeps buffers and belongs to one thread at a time; as many exist as ran at once.
  std::unique_ptr<JpegEncoder> BorrowEncoder();
  void ReturnEncoder(std::unique_ptr<JpegEncoder> encoder);

  IngestLoops loops_;
  std::mutex mutex_;
  std::vector<std::shared_ptr<CameraSession>> sessions_;     // Guarded by mutex_.
  std::vector<std::unique_ptr<JpegEncoder>> idle_encoders_;  // Guarded by mutex_.
  WorkPool pool_;                                            // Last member: its tasks use the others.
};

}  // namespace framewell
