// One connection to one camera: what its source receives, gated, kept in the GOP ring and decoded when wanted.
#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "cuda/gpu_decoding.h"
#include "decode/camera_decoder.h"
#include "decode/picture_seeker.h"
#include "ingest/bitstream_parser.h"
#include "ingest/gop_ring.h"
#include "ingest/packet_source.h"
#include "ingest/parameter_sets.h"
#include "ingest/rate_meter.h"
#include "work_meter.h"

namespace framewell {

enum class LossPolicy {
  kStrict,    // Lost packets close the gate.
  kTolerant,  // Only damage that the decoder finds does.
};

struct SessionOptions {
  DecodeOptions decode;
  LossPolicy loss = LossPolicy::kStrict;
  size_t ring_max_bytes = 16 * 1024 * 1024;
  // Number of the first access unit; a camera's sequences go on over its sessions.
  int64_t first_sequence = 1;
};

struct SessionStatus {
  bool connected = false;
  SourceStatus source;
  std::string codec;
  // Coded size until a picture was decoded, display size from then on.
  int width = 0;
  int height = 0;
  double fps = 0;
  double bits_per_second = 0;
  GopRing::Status ring;
  CameraDecoder::Status decoder;
  // As GpuDecoding::use().
  std::optional<EngineUse> engine;
  int64_t next_sequence = 0;
  // Unix time in microseconds; 0 while none came.
  int64_t last_unit_unix_us = 0;
  int64_t last_keyframe_unix_us = 0;
  // Between the two newest keyframes, by presentation time; absent before the second.
  std::optional<int64_t> keyframe_interval_us;
  uint64_t access_units = 0;
  uint64_t keyframes = 0;
  uint64_t bytes = 0;
  uint64_t losses = 0;
};

// Called on the source's or a pool thread, one at a time and in order; `ended` once and last.
struct SessionObserver {
  std::function<void()> connected;
  // Nothing can be shown until a keyframe comes; with `cause` when there is more to it than that none has come.
  std::function<void(const EngineError* cause)> awaiting_keyframe;
  std::function<void()> live;
  // Which engine decodes from now on: with the first decoder, and when the engine or the card is another one than
  // before.
  std::function<void(const EngineUse& use)> engine;
  std::function<void(const EngineError& cause)> ended;
};

// Thread-safe. Held by shared_ptr, and not let go by the last owner before `ended` was called.
class CameraSession final : public PacketSink, public std::enable_shared_from_this<CameraSession> {
 public:
  // `pool` outlives every task; `meter` gets how long each access unit takes to decode.
  static std::shared_ptr<CameraSession> Create(SessionOptions options, SessionObserver observer, WorkPool& pool,
                                               std::shared_ptr<GpuDecoding> decoding, std::shared_ptr<WorkMeter> meter);

  // Called once, right after Create.
  void Start(std::unique_ptr<PacketSource> source);
  // Returns at once; `ended` follows.
  void RequestStop() noexcept;
  // Waits for the source's thread. After RequestStop this is a fraction of a second.
  void Join() noexcept { source_->Join(); }

  PicturePtr RequestPicture(int64_t after, CameraDecoder::Waiter waiter) {
    return decoder_->Request(after, std::move(waiter));
  }
  PicturePtr HeldPicture() const { return decoder_->Held(); }
  // What the session keeps to show. Outlives the session for as long as somebody holds it.
  const std::shared_ptr<PictureSeeker>& seeker() const { return seeker_; }
  SessionStatus status() const;

  // PacketSink, on the source's thread.
  void OnConnected(StreamFormat format) override;
  void OnAccessUnit(ReceivedUnit received) override;
  void OnLoss(const std::string& what) override;
  void OnEnded(const EngineError& cause) noexcept override;

 private:
  CameraSession(SessionOptions options, SessionObserver observer, std::shared_ptr<GpuDecoding> decoding);

  void OnDamage(const AccessUnit& unit, const std::string& damage);
  void OnFailure(const EngineError& error);
  void OnDecoderOpened();
  void CloseGate(const EngineError& cause);  // Needs mutex_.
  // Needs mutex_. Once, though every keyframe that comes may meet the same.
  void TellWhyAwaiting(const EngineError& cause);
  // Needs mutex_. What the unit says of itself.
  void Inspect(const ReceivedUnit& received);
  AccessUnitPtr MakeUnit(ReceivedUnit received, bool has_sequence_set) const;  // Needs mutex_.

  const SessionOptions options_;
  const SessionObserver observer_;
  const std::shared_ptr<GopRing> ring_;
  const std::shared_ptr<const GpuDecoding> decoding_;
  std::shared_ptr<CameraDecoder> decoder_;
  std::shared_ptr<PictureSeeker> seeker_;

  mutable std::mutex mutex_;
  // All below guarded by mutex_, but for source_, which Start() sets once.
  StreamFormat format_;
  std::optional<BitstreamParser> parser_;
  std::optional<ParameterSets> parameter_sets_;
  UnitFacts facts_;
  RateMeter rate_;
  // Open from a keyframe until a loss: only what can be decoded cleanly goes into the ring.
  bool gate_open_ = false;
  // What the observer was told of the closed gate; empty while it is open or nothing was told.
  std::string told_cause_;
  int64_t gop_sequence_ = -1;
  int64_t next_sequence_;
  int64_t last_unit_unix_us_ = 0;
  int64_t last_keyframe_unix_us_ = 0;
  std::optional<int64_t> last_keyframe_pts_us_;
  std::optional<int64_t> keyframe_interval_us_;
  uint64_t access_units_ = 0;
  uint64_t keyframes_ = 0;
  uint64_t bytes_ = 0;
  uint64_t losses_ = 0;
  // Why the session stopped itself.
  std::optional<EngineError> failure_;
  // What the observer was told last.
  std::optional<EngineUse> told_use_;
  // Pictures may be sought, and decoders opened for that, when the observer is gone.
  bool ended_ = false;

  std::unique_ptr<PacketSource> source_;  // Last member: its thread, which calls this object, is joined first.
};

}  // namespace framewell
