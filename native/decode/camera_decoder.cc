#include "decode/camera_decoder.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace framewell {
namespace {

// Units decoded before the strand steps back for other cameras.
constexpr size_t kBatchUnits = 8;
// Sequences are positive.
constexpr int64_t kAnyPicture = -1;

}  // namespace

CameraDecoder::CameraDecoder(DecodeOptions options, std::shared_ptr<GopRing> ring, WorkPool& pool,
                             VideoDecoderFactory factory, Callbacks callbacks)
    : options_(options),
      ring_(std::move(ring)),
      pool_(pool),
      factory_(std::move(factory)),
      callbacks_(std::move(callbacks)) {}

void CameraDecoder::SetFormat(StreamFormat format) {
  const std::lock_guard lock(mutex_);
  format_ = std::move(format);
}

void CameraDecoder::OnAccessUnit() {
  const std::lock_guard lock(mutex_);
  if (CanWait()) return;
  // An open decoder that nobody wants any more is scheduled too: the strand then closes it.
  if (Wanted() || decoding_) Schedule();
}

PicturePtr CameraDecoder::Request(int64_t after, Waiter waiter) {
  const std::lock_guard lock(mutex_);
  if (closed_) {
    // The session has ended and says why itself; this only closes the race with it.
    const EngineError error("ERR_STREAM_STOPPED", "The stream was stopped");
    waiter(nullptr, &error);
    return nullptr;
  }
  linger_until_ = Clock::now() + options_.linger;
  // Who follows the stream wants the next picture as soon as it can be had, however long the last one took.
  rhythm_.Forget();
  const int64_t target = NewestDecodable();
  if (PicturePtr picture = Satisfying(after, target)) return picture;
  requests_.push_back({after, target, true, std::move(waiter)});
  Schedule();
  return nullptr;
}

void CameraDecoder::RequestNow(Waiter waiter) {
  PicturePtr held;
  {
    const std::lock_guard lock(mutex_);
    if (!closed_ && format_) {
      const Clock::time_point now = Clock::now();
      linger_until_ = now + options_.linger;
      rhythm_.Asked(now);
      const int64_t target = NewestDecodable();
      held = Satisfying(kAnyPicture, target);
      if (!held) {
        requests_.push_back({kAnyPicture, target, false, std::move(waiter)});
        Schedule();
        return;
      }
    }
  }
  waiter(std::move(held), nullptr);
}

PicturePtr CameraDecoder::Held() const {
  const std::lock_guard lock(mutex_);
  return pictures_.empty() ? nullptr : pictures_.back();
}

std::vector<PicturePtr> CameraDecoder::HeldPictures() const {
  const std::lock_guard lock(mutex_);
  return {pictures_.begin(), pictures_.end()};
}

std::unique_ptr<VideoDecoder> CameraDecoder::NewDecoder() const {
  StreamFormat format;
  {
    const std::lock_guard lock(mutex_);
    format = format_;
  }
  return factory_(format);
}

void CameraDecoder::Close(const EngineError& cause) {
  std::vector<PendingRequest> failed;
  {
    const std::lock_guard lock(mutex_);
    if (closed_) return;
    closed_ = true;
    // An overflowed ring cannot give the newest picture again.
    while (pictures_.size() > 1) pictures_.pop_front();
    failed.swap(requests_);
    if (decoding_) Schedule();
  }
  for (const PendingRequest& request : failed) request.waiter(nullptr, &cause);
}

void CameraDecoder::Discard() {
  const std::lock_guard lock(mutex_);
  pictures_.clear();
}

CameraDecoder::Status CameraDecoder::status() const {
  const std::lock_guard lock(mutex_);
  Status status;
  status.decoding = decoding_;
  status.buffered_frames = pictures_.size();
  status.decoded_frames = decoded_frames_;
  if (!pictures_.empty()) {
    status.newest_sequence = pictures_.back()->sequence;
    status.newest_received_unix_us = pictures_.back()->received_unix_us;
  }
  return status;
}

bool CameraDecoder::Wanted() const {
  return options_.mode != DecodeMode::kOnDemand || !requests_.empty() || Clock::now() < linger_until_ ||
         ring_->status().overflowed;
}

bool CameraDecoder::CanWait() const {
  if (options_.mode != DecodeMode::kOnDemand || !decoding_ || !requests_.empty()) return false;
  const GopRing::Status ring = ring_->status();
  if (ring.overflowed) return false;
  const int64_t decoded = std::max(decoded_through_, ring.keyframe_sequence.value_or(0) - 1);
  return rhythm_.CanWait(Clock::now(), ring.newest_sequence.value_or(0) - decoded);
}

void CameraDecoder::Schedule() {
  work_came_ = true;
  if (scheduled_ || !format_) return;
  scheduled_ = true;
  pool_.Post([self = shared_from_this()] { self->Pump(); });
}

int64_t CameraDecoder::NewestDecodable() const {
  const GopRing::Status ring = ring_->status();
  const auto& newest = options_.mode == DecodeMode::kKeyframes ? ring.keyframe_sequence : ring.newest_sequence;
  return newest.value_or(0);
}

PicturePtr CameraDecoder::Satisfying(int64_t after, int64_t target) const {
  if (pictures_.empty() || decoded_through_ < target) return nullptr;
  return pictures_.back()->sequence > after ? pictures_.back() : nullptr;
}

void CameraDecoder::Pump() {
  bool closed = false;
  bool wanted = false;
  {
    const std::lock_guard lock(mutex_);
    work_came_ = false;
    closed = closed_;
    wanted = Wanted();
  }
  bool more = false;
  if (closed || !wanted) {
    Idle();
  } else {
    try {
      more = DecodeBatch();
    } catch (const DecoderLost&) {
      // What it decoded may be gone with it. The ring still has the group: the next decoder begins there.
      Idle();
      more = true;
    } catch (const EngineError& error) {
      Idle();
      callbacks_.on_failure(error);
    } catch (const std::exception& error) {
      Idle();
      callbacks_.on_failure(EngineError("ERR_DECODE_FAILED", error.what()));
    }
  }
  std::vector<PendingRequest> settled;
  PicturePtr newest;
  {
    const std::lock_guard lock(mutex_);
    scheduled_ = false;
    if (work_came_ || more) {
      Schedule();
    } else {
      settled = TakeRequestsForNow();
      if (!pictures_.empty()) newest = pictures_.back();
    }
  }
  for (const PendingRequest& request : settled) request.waiter(newest, nullptr);
}

std::vector<CameraDecoder::PendingRequest> CameraDecoder::TakeRequestsForNow() {
  const auto first = std::partition(requests_.begin(), requests_.end(),
                                    [](const PendingRequest& request) { return request.waits_for_video; });
  std::vector<PendingRequest> taken(std::make_move_iterator(first), std::make_move_iterator(requests_.end()));
  requests_.erase(first, requests_.end());
  return taken;
}

bool CameraDecoder::DecodeBatch() {
  if (!decoder_) {
    {
      const std::lock_guard lock(mutex_);
      decoding_ = true;
    }
    decoder_ = NewDecoder();
  }
  if (options_.mode == DecodeMode::kKeyframes) {
    if (const AccessUnitPtr keyframe = ring_->KeyframeAfter(last_submitted_)) DecodeKeyframe(keyframe);
    return false;
  }
  const GopRing::Batch batch = ring_->After(last_submitted_, kBatchUnits);
  if (batch.discontinuity) decoder_->Flush();
  const Clock::time_point begin = Clock::now();
  for (const AccessUnitPtr& unit : batch.units) {
    last_submitted_ = unit;
    const bool newest = unit == batch.units.back() && !batch.more;
    const auto effort = newest ? VideoDecoder::Effort::kEvery : VideoDecoder::Effort::kReferencesOnly;
    if (!Deliver(unit, decoder_->Decode(unit, effort))) return false;
  }
  if (!batch.units.empty()) {
    const std::lock_guard lock(mutex_);
    rhythm_.Decoded((Clock::now() - begin) / batch.units.size());
  }
  return batch.more;
}

void CameraDecoder::DecodeKeyframe(const AccessUnitPtr& keyframe) {
  last_submitted_ = keyframe;
  DecodeResult result = decoder_->Decode(keyframe, VideoDecoder::Effort::kEvery);
  // A decoder that reorders keeps the picture back until others come, but none will.
  DecodeResult rest = decoder_->Drain();
  std::move(rest.pictures.begin(), rest.pictures.end(), std::back_inserter(result.pictures));
  if (result.damage.empty()) result.damage = std::move(rest.damage);
  Deliver(keyframe, result);
}

bool CameraDecoder::Deliver(const AccessUnitPtr& unit, const DecodeResult& result) {
  ring_->MarkConsumed(*unit);
  std::vector<std::pair<Waiter, PicturePtr>> satisfied;
  {
    const std::lock_guard lock(mutex_);
    if (closed_) return false;
    for (const PicturePtr& picture : result.pictures) {
      ++decoded_frames_;
      pictures_.push_back(picture);
      if (pictures_.size() > options_.buffer_size) pictures_.pop_front();
    }
    decoded_through_ = unit->sequence;
    if (!result.damage.empty()) {
      // What follows in this group will never be shown: who waits for it gets the last clean picture.
      for (PendingRequest& request : requests_) request.target = std::min(request.target, unit->sequence);
    }
    std::erase_if(requests_, [&](PendingRequest& request) {
      PicturePtr picture = Satisfying(request.after, request.target);
      if (!picture) return false;
      satisfied.emplace_back(std::move(request.waiter), std::move(picture));
      return true;
    });
  }
  for (auto& [waiter, picture] : satisfied) waiter(std::move(picture), nullptr);
  if (result.damage.empty()) return true;
  decoder_->Flush();
  callbacks_.on_damage(*unit, result.damage);
  return false;
}

void CameraDecoder::Idle() {
  decoder_.reset();
  last_submitted_ = nullptr;
  const std::lock_guard lock(mutex_);
  decoding_ = false;
  rhythm_.Forget();
  decoded_through_ = -1;
  if (!closed_) pictures_.clear();
}

}  // namespace framewell
