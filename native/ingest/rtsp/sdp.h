// What a camera offers: session descriptions (RFC 8866) as cameras write them. Only video is kept.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace framewell {

// What our depacketizers know.
enum class RtpCodec : uint8_t { kH264, kH265, kJpeg, kMpeg4Visual, kOther };

// Where packets go by c= (RFC 8866 5.7).
struct SdpConnection {
  // Numeric; may be 0.0.0.0, which says nothing.
  std::string address;
  // 0 when absent.
  uint8_t ttl = 0;
};

struct SdpVideoTrack {
  RtpCodec codec = RtpCodec::kOther;
  // As in rtpmap, upper case: "H264".
  std::string encoding;
  uint8_t payload_type = 0;
  uint32_t clock_rate = 90'000;
  // Of the media-level a=control; empty when there is none. For JoinControl().
  std::string control;
  // Port of the m= line; 0 for most cameras.
  uint16_t port = 0;
  // Media-level, else session-level.
  std::optional<SdpConnection> connection;
  // SRTP (RFC 3711): RTP/SAVP and RTP/SAVPF.
  bool secure = false;

  // Format parameters (a=fmtp) by lower-case name.
  std::vector<std::pair<std::string, std::string>> parameters;
  // What a decoder needs before the first picture, as far as the SDP tells it: Annex B parameter sets for H.264 (SPS,
  // PPS) and H.265 (VPS, SPS, PPS), the `config` of MPEG-4 part 2. Broken ones are left out; may be empty.
  std::vector<uint8_t> decoder_config;
  // RFC 7798 7.1: above 0, payloads carry decoding order numbers.
  uint32_t max_don_diff = 0;

  // Frames a second, as said; 0 when not.
  double framerate = 0;
  // Pixels, as said; 0 when not. JPEG needs them above 2040 (RFC 2435 has 8 bits).
  uint32_t width = 0;
  uint32_t height = 0;

  // Value of a format parameter; `name` in lower case.
  std::optional<std::string_view> Parameter(std::string_view name) const;
};

struct SessionDescription {
  // Of the session-level a=control; empty when there is none.
  std::string control;
  // Every m=video section, in order.
  std::vector<SdpVideoTrack> video_tracks;
};

// Nothing when there is not one m= line: then it is no SDP. Sections that cannot be understood are left out.
std::optional<SessionDescription> ParseSdp(std::string_view text);

// The first track that has a codec of ours, else the first. `index` (from 1) takes that one of the video tracks
// instead. Null when there is none.
const SdpVideoTrack* ChooseVideoTrack(const SessionDescription& sdp, std::optional<size_t> index);

}  // namespace framewell
