// The parameter sets that SDP carries out of band.
#pragma once

#include <cstdint>
#include <vector>

namespace framewell {

struct SdpVideoTrack;

// From the format parameters of `track`: SPS and PPS (RFC 6184 8.1) or VPS, SPS and PPS (RFC 7798 7.1) as Annex B, in
// this order; the configuration of MPEG-4 part 2 (RFC 6416 7.1). What does not decode, is of another kind or is left
// from the camera's own framing is left out; the stream brings it again, or the picture never comes.
std::vector<uint8_t> DecoderConfigOf(const SdpVideoTrack& track);

}  // namespace framewell
