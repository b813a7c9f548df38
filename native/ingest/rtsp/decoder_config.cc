#include "ingest/rtsp/decoder_config.h"

extern "C" {
#include <libavutil/base64.h>
}

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

#include "ingest/annex_b.h"
#include "ingest/rtsp/sdp.h"
#include "ingest/rtsp/text.h"

namespace framewell {
namespace {

constexpr std::array<uint8_t, 4> kStartCode{0, 0, 0, 1};

// H.264 table 7-1 and H.265 table 7-1: parameter sets in the order in which they build on one another, and 0 for
// everything else.
uint8_t ParameterSetRank(RtpCodec codec, uint8_t header) {
  const int type = codec == RtpCodec::kH264 ? header & 0x1f : header >> 1 & 0x3f;
  const int first = codec == RtpCodec::kH264 ? 7 : 32;
  const int last = codec == RtpCodec::kH264 ? 8 : 34;
  return type >= first && type <= last ? static_cast<uint8_t>(type) : 0;
}

std::vector<uint8_t> DecodeBase64(std::string_view text) {
  const std::string terminated(Trim(text));
  std::vector<uint8_t> bytes(AV_BASE64_DECODE_SIZE(terminated.size()));
  const int size = av_base64_decode(bytes.data(), terminated.c_str(), static_cast<int>(bytes.size()));
  bytes.resize(static_cast<size_t>(std::max(size, 0)));
  return bytes;
}

using ParameterSetList = std::vector<std::vector<uint8_t>>;

// Some cameras put start codes before, between or behind the sets, although NAL units have none.
void CollectSets(RtpCodec codec, std::string_view list, ParameterSetList& sets) {
  while (!list.empty()) {
    std::vector<uint8_t> stream(kStartCode.begin(), kStartCode.end());
    const auto decoded = DecodeBase64(TakeUntil(list, ','));
    stream.insert(stream.end(), decoded.begin(), decoded.end());
    AnnexBReader reader(stream);
    while (reader.Header()) {
      const auto nal = reader.Take();
      if (!nal.empty() && ParameterSetRank(codec, nal[0]) != 0) {
        sets.emplace_back(nal.begin(), nal.end());
      }
    }
  }
}

std::vector<uint8_t> JoinSets(RtpCodec codec, ParameterSetList sets) {
  std::stable_sort(sets.begin(), sets.end(), [&](const auto& a, const auto& b) {
    return ParameterSetRank(codec, a[0]) < ParameterSetRank(codec, b[0]);
  });
  std::vector<uint8_t> joined;
  for (const auto& set : sets) {
    joined.insert(joined.end(), kStartCode.begin(), kStartCode.end());
    joined.insert(joined.end(), set.begin(), set.end());
  }
  return joined;
}

std::vector<uint8_t> DecodeHex(std::string_view text) {
  std::vector<uint8_t> bytes;
  for (; text.size() >= 2; text.remove_prefix(2)) {
    const auto byte = ParseUnsigned<uint8_t>(text.substr(0, 2), 16);
    if (!byte) return {};
    bytes.push_back(*byte);
  }
  return bytes;
}

}  // namespace

std::vector<uint8_t> DecoderConfigOf(const SdpVideoTrack& track) {
  ParameterSetList sets;
  const auto collect = [&](std::string_view name) {
    CollectSets(track.codec, track.Parameter(name).value_or(""), sets);
  };
  switch (track.codec) {
    case RtpCodec::kH264:
      collect("sprop-parameter-sets");
      break;
    case RtpCodec::kH265:
      collect("sprop-vps");
      collect("sprop-sps");
      collect("sprop-pps");
      break;
    case RtpCodec::kMpeg4Visual:
      return DecodeHex(track.Parameter("config").value_or(""));
    case RtpCodec::kJpeg:
    case RtpCodec::kOther:
      return {};
  }
  return JoinSets(track.codec, std::move(sets));
}

}  // namespace framewell
