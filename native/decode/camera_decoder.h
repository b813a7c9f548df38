// Decodes one camera when somebody wants its pictures: a strand of the work pool beside the camera's GOP ring.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "decode/picture.h"
#include "decode/request_rhythm.h"
#include "decode/video_decoder.h"
#include "decode/work_pool.h"
#include "engine_error.h"
#include "ingest/gop_ring.h"

namespace framewell {

enum class DecodeMode {
  kOnDemand,   // From the ring when asked, then every unit for the linger time.
  kAlways,     // Every unit.
  kKeyframes,  // Each keyframe and nothing else.
};

struct DecodeOptions {
  DecodeMode mode = DecodeMode::kOnDemand;
  std::chrono::milliseconds linger{5'000};
  // Decoded pictures held, at least 1.
  size_t buffer_size = 3;
};

// Thread-safe. The pool runs at most one task of a camera at a time, so the decoder itself needs no lock.
// Held by shared_ptr: a task under way keeps it alive.
class CameraDecoder : public std::enable_shared_from_this<CameraDecoder> {
 public:
  // Called once: on a pool thread, or on one that calls Request(), RequestNow() or Close().
  using Waiter = std::function<void(PicturePtr picture, const EngineError* error)>;

  struct Callbacks {
    // The unit could not be decoded cleanly: nothing of its group from there on can be shown.
    std::function<void(const AccessUnit& unit, const std::string& damage)> on_damage;
    // The decoder as such failed; the session has to end.
    std::function<void(const EngineError& error)> on_failure;
  };

  // `pool` outlives every task, `ring` every camera decoder on it.
  CameraDecoder(DecodeOptions options, std::shared_ptr<GopRing> ring, WorkPool& pool, VideoDecoderFactory factory,
                Callbacks callbacks);

  // The source is connected; before this nothing is decoded.
  void SetFormat(StreamFormat format);
  // The ring has a new unit. Schedules work if anybody wants pictures now; else costs next to nothing.
  void OnAccessUnit();

  // The newest picture above `after`, no older than the stream at this moment. Returns it when it is held; else null,
  // and `waiter` is called, with either a picture or an error, once there is one.
  PicturePtr Request(int64_t after, Waiter waiter);
  // The newest picture that the ring gives now. `waiter` gets neither a picture nor an error when it gives none.
  void RequestNow(Waiter waiter);
  // The picture decoded last, if one is held.
  PicturePtr Held() const;
  // Newest last.
  std::vector<PicturePtr> HeldPictures() const;
  // Another decoder of the same stream. Throws EngineError ERR_CODEC_UNSUPPORTED.
  std::unique_ptr<VideoDecoder> NewDecoder() const;

  // Fails all waiters with `cause`, decodes no more; the newest picture stays. Idempotent.
  void Close(const EngineError& cause);
  // Lets the picture that Close() left go.
  void Discard();

  struct Status {
    bool decoding = false;
    size_t buffered_frames = 0;
    uint64_t decoded_frames = 0;
    std::optional<int64_t> newest_sequence;
    int64_t newest_received_unix_us = 0;
  };
  Status status() const;

 private:
  using Clock = RequestRhythm::Clock;
  struct PendingRequest {
    int64_t after;
    // The ring's newest unit when the request came: it must have been decoded first.
    int64_t target;
    // Else it is settled with what there is, once the ring has nothing more to decode.
    bool waits_for_video;
    Waiter waiter;
  };

  bool Wanted() const;   // Needs mutex_.
  bool CanWait() const;  // Needs mutex_.
  void Schedule();       // Needs mutex_.
  int64_t NewestDecodable() const;
  PicturePtr Satisfying(int64_t after, int64_t target) const;  // Needs mutex_.
  std::vector<PendingRequest> TakeRequestsForNow();            // Needs mutex_.

  // The strand: below here runs on the pool, one task at a time.
  void Pump();
  bool DecodeBatch();
  void DecodeKeyframe(const AccessUnitPtr& keyframe);
  bool Deliver(const AccessUnitPtr& unit, const DecodeResult& result);
  void Idle();

  const DecodeOptions options_;
  const std::shared_ptr<GopRing> ring_;
  WorkPool& pool_;
  const VideoDecoderFactory factory_;
  const Callbacks callbacks_;

  // Owned by the strand.
  std::unique_ptr<VideoDecoder> decoder_;
  AccessUnitPtr last_submitted_;

  mutable std::mutex mutex_;
  // All below guarded by mutex_.
  StreamFormat format_;
  std::deque<PicturePtr> pictures_;  // Newest last, at most options_.buffer_size.
  std::vector<PendingRequest> requests_;
  Clock::time_point linger_until_{};
  RequestRhythm rhythm_;  // Of RequestNow().
  int64_t decoded_through_ = -1;
  uint64_t decoded_frames_ = 0;
  bool decoding_ = false;   // A decoder is open.
  bool scheduled_ = false;  // A task is posted or running.
  bool work_came_ = false;  // Something changed since the running task looked.
  bool closed_ = false;
};

}  // namespace framewell
