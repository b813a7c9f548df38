// A card of the stand-in driver, and its pictures brought to where a test can look at them.
#pragma once

#include <memory>
#include <stdexcept>

#include "cuda/device_frame.h"
#include "cuda/gpu_decoding.h"
#include "encoded_clip.h"
#include "stand_in_support.h"

namespace framewell::test {

// Declared after the StandIn and before what lives on the card: when it goes, all of that must be gone.
struct StandInCard {
  StandInCard() {
    if (!driver.api) throw std::runtime_error(driver.reason);
    gpus = {std::make_shared<Gpu>(driver.api, 0)};
  }

  const DriverReport driver = LoadDriver(StandInFolder());
  Gpus gpus;
};

// Which picture of the clip it is, wherever it was decoded.
inline int NumberOf(const Picture& picture) {
  return PictureNumber(picture.device ? *Download(*picture.device) : *picture.frame);
}

// A unit as the session would number it.
inline AccessUnitPtr NumberedUnit(const ClipUnit& unit, int64_t sequence, int64_t gop_sequence) {
  auto numbered = std::make_shared<AccessUnit>();
  ReceivedUnit received = unit.Received(sequence);
  numbered->sequence = sequence;
  numbered->gop_sequence = gop_sequence;
  numbered->keyframe = unit.keyframe;
  numbered->pts_us = received.pts_us;
  numbered->received_unix_us = received.received_unix_us;
  numbered->bytes = std::move(received.bytes);
  return numbered;
}

}  // namespace framewell::test
