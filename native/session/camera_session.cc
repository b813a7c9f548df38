#include "session/camera_session.h"

#include <utility>

#include "decode/timed_decoder.h"

namespace framewell {
namespace {

std::unique_ptr<VideoDecoder> OpenTimed(GpuDecoding& decoding, const StreamFormat& format,
                                        std::shared_ptr<WorkMeter> meter) {
  auto decoder = decoding.Open(format);
  // These are handed on as they came, and decoded when they are encoded anew.
  if (format->codec_id == AV_CODEC_ID_MJPEG) return decoder;
  return std::make_unique<TimedDecoder>(std::move(decoder), std::move(meter));
}

}  // namespace

std::shared_ptr<CameraSession> CameraSession::Create(SessionOptions options, SessionObserver observer, WorkPool& pool,
                                                     std::shared_ptr<GpuDecoding> decoding,
                                                     std::shared_ptr<WorkMeter> meter) {
  std::shared_ptr<CameraSession> session(new CameraSession(options, std::move(observer), decoding));
  // A pool task may outlive the session, so it holds no more than a weak reference.
  const std::weak_ptr<CameraSession> weak = session;
  session->decoder_ = std::make_shared<CameraDecoder>(
      options.decode, session->ring_, pool,
      [weak, decoding = std::move(decoding), meter = std::move(meter)](const StreamFormat& format) {
        auto decoder = OpenTimed(*decoding, format, meter);
        if (const auto self = weak.lock()) self->OnDecoderOpened();
        return decoder;
      },
      CameraDecoder::Callbacks{.on_damage =
                                   [weak](const AccessUnit& unit, const std::string& damage) {
                                     if (const auto self = weak.lock()) self->OnDamage(unit, damage);
                                   },
                               .on_failure =
                                   [weak](const EngineError& error) {
                                     if (const auto self = weak.lock()) self->OnFailure(error);
                                   }});
  session->seeker_ = std::make_shared<PictureSeeker>(session->ring_, session->decoder_, pool);
  return session;
}

CameraSession::CameraSession(SessionOptions options, SessionObserver observer, std::shared_ptr<GpuDecoding> decoding)
    : options_(options),
      observer_(std::move(observer)),
      ring_(std::make_shared<GopRing>(options.ring_max_bytes)),
      decoding_(std::move(decoding)),
      next_sequence_(options.first_sequence) {}

void CameraSession::Start(std::unique_ptr<PacketSource> source) {
  source_ = std::move(source);
  source_->Start(*this);
}

void CameraSession::RequestStop() noexcept { source_->RequestStop(); }

SessionStatus CameraSession::status() const {
  SessionStatus status;
  status.ring = ring_->status();
  status.decoder = decoder_->status();
  status.source = source_->status();
  status.engine = decoding_->use();
  const PicturePtr held = decoder_->Held();
  const std::lock_guard lock(mutex_);
  status.connected = format_ != nullptr;
  if (format_) status.codec = avcodec_get_name(format_->codec_id);
  status.width = held ? held->display.width : facts_.width;
  status.height = held ? held->display.height : facts_.height;
  status.fps = rate_.FramesPerSecond();
  status.bits_per_second = rate_.BitsPerSecond();
  status.next_sequence = next_sequence_;
  status.last_unit_unix_us = last_unit_unix_us_;
  status.last_keyframe_unix_us = last_keyframe_unix_us_;
  status.keyframe_interval_us = keyframe_interval_us_;
  status.access_units = access_units_;
  status.keyframes = keyframes_;
  status.bytes = bytes_;
  status.losses = losses_;
  return status;
}

void CameraSession::OnConnected(StreamFormat format) {
  if (!avcodec_find_decoder(format->codec_id)) {
    throw EngineError("ERR_CODEC_UNSUPPORTED", std::string("Expected a codec that libavcodec decodes but received ") +
                                                   avcodec_get_name(format->codec_id));
  }
  const std::lock_guard lock(mutex_);
  parser_.emplace(*format);
  parameter_sets_.emplace(format->codec_id);
  if (format->extradata_size > 0) {
    parameter_sets_->Observe({format->extradata, static_cast<size_t>(format->extradata_size)});
  }
  decoder_->SetFormat(format);
  format_ = std::move(format);
  observer_.connected();
  observer_.awaiting_keyframe(nullptr);
}

void CameraSession::OnAccessUnit(ReceivedUnit received) {
  {
    const std::lock_guard lock(mutex_);
    const ParameterSets::Found found = parameter_sets_->Observe(received.bytes.data());
    if (!found.picture) return;
    Inspect(received);
    rate_.Add(received.pts_us, received.received_unix_us, received.bytes.size());
    ++access_units_;
    bytes_ += received.bytes.size();
    last_unit_unix_us_ = received.received_unix_us;
    const int64_t sequence = next_sequence_++;
    if (facts_.keyframe) {
      ++keyframes_;
      last_keyframe_unix_us_ = received.received_unix_us;
      const auto before = std::exchange(last_keyframe_pts_us_, received.pts_us);
      if (before) keyframe_interval_us_ = received.pts_us - *before;
      gop_sequence_ = sequence;
      if (parameter_sets_->missing()) {
        TellWhyAwaiting(
            {"ERR_DECODE_FAILED", "Expected parameter sets in the SDP or with the keyframe but received none so far"});
        return;
      }
    } else if (!gate_open_ || options_.decode.mode == DecodeMode::kKeyframes) {
      return;
    }
    AccessUnitPtr unit = MakeUnit(std::move(received), found.sequence_set);
    if (!ring_->Push(std::move(unit))) {
      const EngineError cause("ERR_GOP_TOO_LARGE", "Expected a group of pictures of at most " +
                                                       std::to_string(options_.ring_max_bytes) +
                                                       " bytes ahead of the decoder but received more");
      CloseGate(cause);
      // A keyframe that has no room itself may find the gate closed already, for another reason or none.
      TellWhyAwaiting(cause);
      return;
    }
    if (facts_.keyframe) seeker_->Forget();
    if (options_.decode.mode == DecodeMode::kKeyframes) ring_->Complete();
    if (!std::exchange(gate_open_, true)) {
      told_cause_.clear();
      observer_.live();
    }
  }
  decoder_->OnAccessUnit();
}

// A source that knows its keyframes leaves little for the parser to do: sizes change at keyframes only.
void CameraSession::Inspect(const ReceivedUnit& received) {
  facts_.keyframe = received.keyframe.value_or(false);
  if (!received.keyframe || facts_.keyframe) facts_ = parser_->Parse(received.bytes.data());
  if (received.keyframe) facts_.keyframe = *received.keyframe;
}

AccessUnitPtr CameraSession::MakeUnit(ReceivedUnit received, bool has_sequence_set) const {
  auto unit = std::make_shared<AccessUnit>();
  unit->sequence = next_sequence_ - 1;
  unit->gop_sequence = gop_sequence_;
  unit->keyframe = facts_.keyframe;
  unit->pts_us = received.pts_us;
  unit->received_unix_us = received.received_unix_us;
  unit->capture_unix_us = received.capture_unix_us;
  unit->bytes = std::move(received.bytes);
  if (facts_.keyframe && !has_sequence_set) {
    unit->bytes.PutBefore(parameter_sets_->bytes());
    unit->bytes.Seal();
  }
  return unit;
}

void CameraSession::TellWhyAwaiting(const EngineError& cause) {
  if (std::exchange(told_cause_, cause.what()) != cause.what()) observer_.awaiting_keyframe(&cause);
}

void CameraSession::OnLoss(const std::string& what) {
  const std::lock_guard lock(mutex_);
  if (options_.loss == LossPolicy::kTolerant) {
    ++losses_;
    return;
  }
  CloseGate(EngineError("ERR_PACKETS_LOST", what));
}

void CameraSession::OnDamage(const AccessUnit& unit, const std::string& damage) {
  const std::lock_guard lock(mutex_);
  // A newer keyframe has come since: the damage is history.
  if (unit.gop_sequence != gop_sequence_) return;
  ring_->TruncateFrom(unit);
  CloseGate(EngineError("ERR_DECODE_FAILED", damage));
}

void CameraSession::CloseGate(const EngineError& cause) {
  ++losses_;
  ring_->Complete();
  if (std::exchange(gate_open_, false)) TellWhyAwaiting(cause);
}

void CameraSession::OnFailure(const EngineError& error) {
  {
    const std::lock_guard lock(mutex_);
    failure_ = error;
  }
  RequestStop();
}

void CameraSession::OnDecoderOpened() {
  const std::lock_guard lock(mutex_);
  const std::optional<EngineUse> use = decoding_->use();
  if (ended_ || !use || (told_use_ && told_use_->gpu == use->gpu)) return;
  told_use_ = use;
  observer_.engine(*use);
}

void CameraSession::OnEnded(const EngineError& cause) noexcept {
  std::optional<EngineError> failure;
  {
    const std::lock_guard lock(mutex_);
    ended_ = true;
    failure = failure_;
  }
  const EngineError& reason = failure ? *failure : cause;
  ring_->Complete();
  decoder_->Close(reason);
  observer_.ended(reason);
}

}  // namespace framewell
