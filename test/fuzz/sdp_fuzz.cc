#include "fuzz_support.h"
#include "ingest/rtsp/sdp.h"

using namespace framewell;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto sdp = ParseSdp(Text(data, size));
  if (!sdp) return 0;
  Require(sdp->video_tracks.size() <= 64);
  Require(sdp->video_tracks.empty() == (ChooseVideoTrack(*sdp, std::nullopt) == nullptr));
  for (const SdpVideoTrack& track : sdp->video_tracks) {
    Require(track.clock_rate > 0 && track.payload_type < 128 && track.encoding.size() <= 32);
    Require(track.framerate >= 0 && track.framerate <= 1000);
    // Base64 and hexadecimal only shrink; a start code of four bytes stands for at least two characters and a comma.
    Require(track.decoder_config.size() <= 4 * size);
  }
  return 0;
}
