// The engine of one process: its worker threads, its encoders, and every session that is open.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "cuda/gpu_decoding.h"
#include "decode/work_pool.h"
#include "ingest/camera_receiver.h"
#include "jpeg/jpeg_encoder.h"
#include "session/camera_session.h"
#include "work_meter.h"

namespace framewell {

// A JPEG that is wanted.
struct EncodeOrder {
  PicturePtr picture;
  JpegOptions options;
  // An MJPEG camera's own picture as it came, whatever the options say.
  bool as_received = false;
  // Of the picture's camera.
  std::shared_ptr<WorkMeter> meter;
};

// Thread-safe but for Shutdown, which comes from the thread that owns the engine.
class Engine {
 public:
  // Cameras are decoded on `gpus` as far as those can, without any on the CPU.
  explicit Engine(size_t work_threads, Gpus gpus = {});
  ~Engine() { Shutdown(); }

  std::shared_ptr<CameraSession> OpenSession(SessionOptions options, SessionObserver observer,
                                             CameraReceiverOptions receiver, std::shared_ptr<WorkMeter> meter);
  // The session has called `ended`; waits for its thread and forgets it.
  void CloseSession(const std::shared_ptr<CameraSession>& session);

  // Called once, on a pool thread: exactly one of `jpeg` and `error` is set.
  using EncodeCallback = std::function<void(JpegBytes* jpeg, const EngineError* error)>;
  void Encode(EncodeOrder order, EncodeCallback callback);

  // From any thread, at any time; costs next to nothing.
  WorkPool::Status status() const { return pool_.status(); }
  // What the cards have to say of themselves. Asks the driver, which may take milliseconds.
  std::vector<GpuStatus> GpuStatuses() const;
  // Runs `task` on the pool.
  void Post(WorkPool::Task task) { pool_.Post(std::move(task)); }

  // Asks every session to stop, then waits for all of them, then for the pool. Idempotent.
  void Shutdown();

 private:
  JpegBytes EncodeOnCard(const DeviceFrame& frame, const JpegOptions& options) const;
  JpegBytes EncodeOnCpu(const AVFrame& frame, const JpegOptions& options);
  JpegBytes EncodeNow(const EncodeOrder& order);
  // An encoder keeps buffers and belongs to one thread at a time; as many exist as ran at once.
  std::unique_ptr<JpegEncoder> BorrowEncoder();
  void ReturnEncoder(std::unique_ptr<JpegEncoder> encoder);

  const Gpus gpus_;
  IngestLoops loops_;
  std::mutex mutex_;
  std::vector<std::shared_ptr<CameraSession>> sessions_;     // Guarded by mutex_.
  std::vector<std::unique_ptr<JpegEncoder>> idle_encoders_;  // Guarded by mutex_.
  WorkPool pool_;                                            // Last member: its tasks use the others.
};

}  // namespace framewell
