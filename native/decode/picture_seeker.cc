#include "decode/picture_seeker.h"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <limits>
#include <string>
#include <vector>

#include "engine_error.h"

namespace framewell {
namespace {

// Units decoded before the strand steps back for other cameras.
constexpr size_t kBatchUnits = 8;
// Different pictures that may be sought at once: each holds on to the group that it is in.
constexpr size_t kMostSeeks = 8;

int64_t NowUnixUs() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::microseconds>(now).count();
}

// Of units or pictures: how far from the time each was received.
template <typename Item>
int64_t DistanceUs(const Item& item, int64_t unix_us) {
  return std::abs(item->received_unix_us - unix_us);
}

// The end when there is none.
template <typename Items>
auto Nearest(const Items& items, int64_t unix_us) {
  return std::min_element(items.begin(), items.end(), [&](const auto& a, const auto& b) {
    return DistanceUs(a, unix_us) < DistanceUs(b, unix_us);
  });
}

// Units come in decoding order: the last of them need not be shown last.
auto LastShown(const std::vector<AccessUnitPtr>& units) {
  return std::max_element(units.begin(), units.end(),
                          [](const auto& a, const auto& b) { return a->pts_us < b->pts_us; });
}

bool IsPictureOf(const Picture& picture, const AccessUnit& unit) {
  return picture.pts_us == unit.pts_us && picture.received_unix_us == unit.received_unix_us;
}

std::string Ms(int64_t us) { return std::to_string(us / 1000); }

// Nothing when the time lies between the first unit or picture and now.
std::optional<EngineError> WhyNotKept(const std::vector<AccessUnitPtr>& units, const std::vector<PicturePtr>& held,
                                      int64_t unix_us) {
  if (units.empty() && held.empty()) {
    return EngineError("ERR_FRAME_NOT_KEPT", "Expected a time of which video is kept but none is kept now");
  }
  constexpr int64_t kNever = std::numeric_limits<int64_t>::max();
  const int64_t from_us = std::min(units.empty() ? kNever : units.front()->received_unix_us,
                                   held.empty() ? kNever : held.front()->received_unix_us);
  const int64_t now_us = NowUnixUs();
  // Who asks for a picture by its own time may know that in whole milliseconds only.
  if (unix_us >= from_us / 1000 * 1000 && unix_us <= now_us) return std::nullopt;
  return EngineError("ERR_FRAME_NOT_KEPT", "Expected a time from " + Ms(from_us) + " to " + Ms(now_us) +
                                               ", of which video is kept, but received " + Ms(unix_us));
}

}  // namespace

struct PictureSeeker::Seek {
  Seek(Kind seek_kind, GopRing::Group its_group, size_t target_index)
      : kind(seek_kind), group(std::move(its_group)), target_at(target_index) {}

  const AccessUnit& target() const { return *group.units[target_at]; }
  bool IsOver() const { return found || !damage.empty() || next == group.units.size(); }
  void Take(const DecodeResult& result);
  bool IsBetter(const Picture& picture) const;

  const Kind kind;
  const GopRing::Group group;
  const size_t target_at;
  std::vector<Waiter> waiters;  // Guarded by the seeker's mutex_.

  // Owned by the strand.
  std::unique_ptr<VideoDecoder> decoder;
  size_t next = 0;
  // The target's own, or the one that comes nearest to it where that cannot be shown.
  PicturePtr best;
  bool found = false;
  std::string damage;
};

void PictureSeeker::Seek::Take(const DecodeResult& result) {
  for (const PicturePtr& picture : result.pictures) {
    if (found) return;
    found = IsPictureOf(*picture, target());
    if (found || !best || IsBetter(*picture)) best = picture;
  }
  if (damage.empty()) damage = result.damage;
}

bool PictureSeeker::Seek::IsBetter(const Picture& picture) const {
  if (kind == Kind::kLast) return picture.sequence > best->sequence;
  return DistanceUs(&picture, target().received_unix_us) < DistanceUs(best, target().received_unix_us);
}

void PictureSeeker::RequestLast(Waiter waiter) {
  if (ring_->status().complete) {
    RequestNewestKept(std::move(waiter));
    return;
  }
  // While more comes the live decoder does it, and stays warm for the next who asks. It gives nothing where the session
  // has just ended, or where the group turned out to be damaged.
  live_->RequestNow([self = shared_from_this(), waiter = std::move(waiter)](PicturePtr picture, const EngineError*) {
    if (picture) {
      waiter(std::move(picture), nullptr);
    } else {
      self->RequestNewestKept(waiter);
    }
  });
}

void PictureSeeker::RequestNewestKept(Waiter waiter) {
  GopRing::Group group = ring_->Whole();
  PicturePtr held = live_->Held();
  const auto last = LastShown(group.units);
  if (last == group.units.end() || (held && IsPictureOf(*held, **last))) {
    waiter(std::move(held), nullptr);
    return;
  }
  const auto target_at = static_cast<size_t>(last - group.units.begin());
  Start(Kind::kLast, std::move(group), target_at, std::move(waiter));
}

void PictureSeeker::RequestAt(int64_t unix_us, Waiter waiter) {
  GopRing::Group group = ring_->Whole();
  const std::vector<PicturePtr> held = live_->HeldPictures();
  if (const auto error = WhyNotKept(group.units, held, unix_us)) {
    waiter(nullptr, &*error);
    return;
  }
  const auto unit = Nearest(group.units, unix_us);
  const auto picture = Nearest(held, unix_us);
  const bool is_held = picture != held.end() &&
                       (unit == group.units.end() || DistanceUs(*picture, unix_us) <= DistanceUs(*unit, unix_us));
  if (is_held) {
    waiter(*picture, nullptr);
    return;
  }
  const auto target_at = static_cast<size_t>(unit - group.units.begin());
  Start(Kind::kNearest, std::move(group), target_at, std::move(waiter));
}

void PictureSeeker::Forget() {
  const std::lock_guard lock(mutex_);
  found_.reset();
}

void PictureSeeker::Discard() {
  {
    const std::lock_guard lock(mutex_);
    discarded_ = true;
    found_.reset();
  }
  ring_->Clear();
  live_->Discard();
}

void PictureSeeker::Start(Kind kind, GopRing::Group group, size_t target_at, Waiter waiter) {
  const int64_t sequence = group.units[target_at]->sequence;
  PicturePtr found;
  {
    const std::lock_guard lock(mutex_);
    const auto same = std::find_if(seeks_.begin(), seeks_.end(), [&](const auto& seek) {
      return seek->kind == kind && seek->target().sequence == sequence;
    });
    if (same != seeks_.end()) {
      (*same)->waiters.push_back(std::move(waiter));
      return;
    }
    if (found_ && found_->kind == kind && found_->unit_sequence == sequence) {
      found = found_->picture;
    } else if (seeks_.size() < kMostSeeks) {
      seeks_.push_back(std::make_shared<Seek>(kind, std::move(group), target_at));
      seeks_.back()->waiters.push_back(std::move(waiter));
      if (seeks_.size() == 1) Post();
      return;
    }
  }
  const EngineError overload("ERR_OVERLOADED", "Expected at most " + std::to_string(kMostSeeks) +
                                                   " pictures of one camera to be sought at once");
  waiter(found, found ? nullptr : &overload);
}

void PictureSeeker::Post() {
  pool_.Post([self = shared_from_this()] { self->Step(); });
}

void PictureSeeker::Step() {
  std::shared_ptr<Seek> seek;
  {
    const std::lock_guard lock(mutex_);
    seek = seeks_.front();
  }
  std::optional<EngineError> failure;
  bool more = false;
  try {
    more = Advance(*seek);
  } catch (const EngineError& error) {
    failure = error;
  } catch (const std::exception& error) {
    failure.emplace("ERR_DECODE_FAILED", error.what());
  }
  if (more) {
    Post();
  } else {
    Finish(*seek, std::move(failure));
  }
}

// Some units more; false when the seek is over.
bool PictureSeeker::Advance(Seek& seek) const {
  if (!seek.decoder) seek.decoder = live_->NewDecoder();
  for (size_t i = 0; i < kBatchUnits && !seek.IsOver(); ++i, ++seek.next) {
    // From the target on each one counts: it pushes the target out of the decoder.
    const auto effort =
        seek.next < seek.target_at ? VideoDecoder::Effort::kReferencesOnly : VideoDecoder::Effort::kEvery;
    seek.Take(seek.decoder->Decode(seek.group.units[seek.next], effort));
  }
  if (!seek.IsOver()) return true;
  const bool no_more_come = seek.group.complete || !seek.damage.empty();
  if (seek.found || (seek.best && !no_more_come)) return false;
  DecodeResult waiting = seek.decoder->Drain();
  // Others may still come that are shown before all but the first: those cannot be numbered yet.
  if (!no_more_come && waiting.pictures.size() > 1) waiting.pictures.resize(1);
  seek.Take(waiting);
  return false;
}

void PictureSeeker::Finish(Seek& seek, std::optional<EngineError> error) {
  std::vector<Waiter> waiters;
  PicturePtr picture = seek.best;
  const PicturePtr held = seek.kind == Kind::kLast ? live_->Held() : nullptr;
  if (!picture || (held && held->sequence > picture->sequence)) picture = held;
  {
    const std::lock_guard lock(mutex_);
    waiters.swap(seek.waiters);
    const bool may_get_better = !seek.found && !seek.group.complete;
    if (picture && !may_get_better && !discarded_) found_ = Found{seek.kind, seek.target().sequence, picture};
    seeks_.pop_front();
    if (!seeks_.empty()) Post();
  }
  if (!error && !picture && seek.kind == Kind::kNearest) {
    const std::string why = seek.damage.empty() ? "the decoder gave none" : seek.damage;
    error.emplace("ERR_FRAME_NOT_KEPT", "Expected a picture of that time that can be shown: " + why);
  }
  for (const Waiter& waiter : waiters) waiter(error ? nullptr : picture, error ? &*error : nullptr);
}

}  // namespace framewell
