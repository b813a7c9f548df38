// Pictures out of what a camera keeps: the one of some time ago, and the last one where no more come.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

#include "decode/camera_decoder.h"
#include "decode/picture.h"
#include "decode/work_pool.h"
#include "ingest/gop_ring.h"

namespace framewell {

// Decodes from the ring's keyframe to the picture that is sought, with a decoder of its own: the live one, and those
// who watch, go on undisturbed. A camera's seeks run one after the other on the pool; who seeks the same picture joins.
//
// Outlives its session: the group that a session leaves behind can be decoded until Discard().
//
// Thread-safe. Held by shared_ptr: a task under way keeps it alive.
class PictureSeeker : public std::enable_shared_from_this<PictureSeeker> {
 public:
  // Called once, on a pool thread or before the request returns.
  using Waiter = CameraDecoder::Waiter;

  // `pool` outlives every task.
  PictureSeeker(std::shared_ptr<GopRing> ring, std::shared_ptr<CameraDecoder> live, WorkPool& pool)
      : ring_(std::move(ring)), live_(std::move(live)), pool_(pool) {}

  // The newest picture that what is kept gives now; neither a picture nor an error when it gives none.
  void RequestLast(Waiter waiter);
  // The picture whose own access unit was received nearest to a time. Errors: ERR_FRAME_NOT_KEPT outside of what is
  // kept, ERR_OVERLOADED when too many are sought already.
  void RequestAt(int64_t unix_us, Waiter waiter);

  // The ring has begun a new group: the picture found in the one before is let go.
  void Forget();
  // Lets go of all that is kept. A seek under way ends with what it began with.
  void Discard();

 private:
  enum class Kind { kLast, kNearest };
  struct Seek;

  void RequestNewestKept(Waiter waiter);
  // `target` is an index into the group's units.
  void Start(Kind kind, GopRing::Group group, size_t target, Waiter waiter);
  void Post();

  // The strand: below here runs on the pool, one task at a time.
  void Step();
  bool Advance(Seek& seek) const;
  void Finish(Seek& seek, std::optional<EngineError> error);

  const std::shared_ptr<GopRing> ring_;
  const std::shared_ptr<CameraDecoder> live_;
  WorkPool& pool_;

  std::mutex mutex_;
  // All below guarded by mutex_.
  std::deque<std::shared_ptr<Seek>> seeks_;  // The first one runs.
  // What was found last, for who asks again.
  struct Found {
    Kind kind;
    int64_t unit_sequence;
    PicturePtr picture;
  };
  std::optional<Found> found_;
  bool discarded_ = false;
};

}  // namespace framewell
