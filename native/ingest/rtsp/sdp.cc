#include "ingest/rtsp/sdp.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "ingest/rtsp/decoder_config.h"
#include "ingest/rtsp/text.h"

namespace framewell {
namespace {

// A camera has one to four; 256 KiB of m= lines are no reason to allocate megabytes.
constexpr size_t kMaxTracks = 64;
// RFC 3550 5.1: there are 128 payload types.
constexpr size_t kMaxPayloadTypes = 128;

struct RtpMap {
  uint8_t payload_type = 0;
  std::string encoding;
  uint32_t clock_rate = 0;
};

struct FormatParameters {
  uint8_t payload_type = 0;
  std::string_view text;
};

// One m=video section while its lines come in.
struct VideoSection {
  SdpVideoTrack track;
  std::vector<uint8_t> payload_types;
  std::vector<RtpMap> maps;
  std::vector<FormatParameters> formats;
};

// RFC 3551 6: video with a payload type that needs no rtpmap.
const char* StaticEncoding(uint8_t payload_type) {
  switch (payload_type) {
    case 25:
      return "CELB";
    case 26:
      return "JPEG";
    case 28:
      return "NV";
    case 31:
      return "H261";
    case 32:
      return "MPV";
    case 33:
      return "MP2T";
    case 34:
      return "H263";
    default:
      return "";
  }
}

RtpCodec CodecOf(std::string_view encoding) {
  if (encoding == "H264") return RtpCodec::kH264;
  if (encoding == "H265") return RtpCodec::kH265;
  if (encoding == "JPEG") return RtpCodec::kJpeg;
  if (encoding == "MP4V-ES") return RtpCodec::kMpeg4Visual;
  return RtpCodec::kOther;
}

// The name goes into messages for people, so only what RFC 8866 9 calls a token is kept, and not
// too much of it.
std::string CleanEncoding(std::string_view name) {
  constexpr size_t kLongest = 32;
  std::string clean = UpperCase(name.substr(0, kLongest));
  std::erase_if(clean, [](char c) {
    return !((c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_');
  });
  return clean;
}

// The payload type in front of an attribute's value, and the rest of it.
std::pair<std::optional<uint8_t>, std::string_view> SplitPayloadType(std::string_view value) {
  value = Trim(value);
  const size_t end = std::min(value.find_first_of(" \t"), value.size());
  return {ParseUnsigned<uint8_t>(value.substr(0, end)), Trim(value.substr(end))};
}

void AddRtpMap(VideoSection& section, std::string_view value) {
  const auto [payload_type, map] = SplitPayloadType(value);
  if (!payload_type || section.maps.size() == kMaxPayloadTypes) return;
  std::string_view rest = map;
  const std::string_view encoding = TakeUntil(rest, '/');
  const uint32_t clock_rate = ParseUnsigned<uint32_t>(TakeUntil(rest, '/')).value_or(0);
  section.maps.push_back({*payload_type, CleanEncoding(encoding), clock_rate});
}

// "25.000000", "0S", "29.97": the number in front.
double LeadingNumber(std::string_view text) {
  text = Trim(text);
  double number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number, std::chars_format::fixed);
  return number;
}

void SetFramerate(SdpVideoTrack& track, std::string_view value) {
  constexpr double kHighest = 1000;
  const double framerate = LeadingNumber(value);
  if (framerate > 0 && framerate <= kHighest) track.framerate = framerate;
}

void SetDimensions(SdpVideoTrack& track, std::string_view value, char separator) {
  constexpr uint32_t kLargest = 65535;
  const auto [first, second] = SplitFirst(value, separator);
  const uint32_t width = ParseUnsigned<uint32_t>(first).value_or(0);
  const uint32_t height = ParseUnsigned<uint32_t>(second).value_or(0);
  if (width == 0 || height == 0 || width > kLargest || height > kLargest) return;
  track.width = width;
  track.height = height;
}

void AddAttribute(VideoSection& section, std::string_view attribute) {
  const auto [name, value] = SplitFirst(attribute, ':');
  SdpVideoTrack& track = section.track;
  if (name == "control") {
    track.control = Trim(value);
  } else if (name == "rtpmap") {
    AddRtpMap(section, value);
  } else if (name == "fmtp") {
    const auto [payload_type, text] = SplitPayloadType(value);
    if (payload_type) section.formats.push_back({*payload_type, text});
  } else if (name == "framerate" || name == "x-framerate") {
    SetFramerate(track, value);
  } else if (name == "x-dimensions") {
    SetDimensions(track, value, ',');
  } else if (name == "framesize") {
    SetDimensions(track, SplitPayloadType(value).second, '-');
  }
}

// c=IN IP4 239.1.2.3/127/2 (RFC 8866 5.7).
std::optional<SdpConnection> ParseConnection(std::string_view value) {
  value = Trim(value);
  TakeUntil(value, ' ');
  const bool ip4 = TakeUntil(value, ' ') == "IP4";
  SdpConnection connection;
  connection.address = Trim(TakeUntil(value, '/'));
  if (connection.address.empty()) return std::nullopt;
  // IPv6 has no TTL there.
  if (ip4) connection.ttl = ParseUnsigned<uint8_t>(TakeUntil(value, '/')).value_or(0);
  return connection;
}

// m=video 0 RTP/AVP 96 97 (RFC 8866 5.14); `rest` is what follows "video".
VideoSection BeginVideo(std::string_view rest, const std::optional<SdpConnection>& connection) {
  VideoSection section;
  section.track.connection = connection;
  const std::string_view port = TakeUntil(rest, ' ');
  section.track.port = ParseUnsigned<uint16_t>(SplitFirst(port, '/').first).value_or(0);
  const std::string_view protocol = TakeUntil(rest, ' ');
  section.track.secure = protocol.find("SAVP") != std::string_view::npos;
  if (StartsWithIgnoreCase(protocol, "MP2T")) section.track.encoding = "MP2T";
  while (!rest.empty() && section.payload_types.size() < kMaxPayloadTypes) {
    const auto payload_type = ParseUnsigned<uint8_t>(TakeUntil(rest, ' '));
    if (payload_type && *payload_type < kMaxPayloadTypes)
      section.payload_types.push_back(*payload_type);
  }
  return section;
}

RtpMap FindMap(const VideoSection& section, uint8_t payload_type) {
  const auto map = std::find_if(section.maps.begin(), section.maps.end(),
                                [&](const RtpMap& m) { return m.payload_type == payload_type; });
  return map != section.maps.end() ? *map : RtpMap{payload_type, StaticEncoding(payload_type), 0};
}

// RFC 8866 5.14: the first format is the default; one that we know goes before it. Maps of formats
// that the m= line does not name count for nothing.
RtpMap ChooseFormat(const VideoSection& section) {
  RtpMap chosen = FindMap(section, section.payload_types.front());
  for (const uint8_t payload_type : section.payload_types) {
    if (CodecOf(chosen.encoding) != RtpCodec::kOther) break;
    RtpMap map = FindMap(section, payload_type);
    if (CodecOf(map.encoding) != RtpCodec::kOther) chosen = std::move(map);
  }
  return chosen;
}

void SetParameters(SdpVideoTrack& track, std::string_view text) {
  while (!text.empty()) {
    const auto [name, value] = SplitFirst(TakeUntil(text, ';'), '=');
    if (Trim(name).empty()) continue;
    track.parameters.emplace_back(LowerCase(Trim(name)), Trim(value));
  }
}

SdpVideoTrack FinishVideo(VideoSection section) {
  SdpVideoTrack& track = section.track;
  if (section.payload_types.empty() || track.encoding == "MP2T") return std::move(track);
  const RtpMap format = ChooseFormat(section);
  track.payload_type = format.payload_type;
  track.encoding = format.encoding;
  track.codec = CodecOf(format.encoding);
  if (format.clock_rate > 0) track.clock_rate = format.clock_rate;
  for (const FormatParameters& parameters : section.formats) {
    if (parameters.payload_type == format.payload_type) SetParameters(track, parameters.text);
  }
  track.decoder_config = DecoderConfigOf(track);
  const auto max_don_diff = track.Parameter("sprop-max-don-diff");
  track.max_don_diff = max_don_diff ? ParseUnsigned<uint32_t>(*max_don_diff).value_or(0) : 0;
  return std::move(track);
}

// Lines end in CR LF, LF or CR; what lies between CR and LF is an empty line, which says nothing.
std::string_view TakeSdpLine(std::string_view& rest) {
  const size_t end = rest.find_first_of("\r\n");
  const std::string_view line = rest.substr(0, end);
  rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
  return Trim(line);
}

}  // namespace

std::optional<std::string_view> SdpVideoTrack::Parameter(std::string_view name) const {
  const auto found = std::find_if(parameters.begin(), parameters.end(),
                                  [&](const auto& parameter) { return parameter.first == name; });
  if (found == parameters.end()) return std::nullopt;
  return found->second;
}

std::optional<SessionDescription> ParseSdp(std::string_view text) {
  SessionDescription sdp;
  std::optional<SdpConnection> session_connection;
  std::optional<VideoSection> video;
  bool in_media = false;
  const auto finish_video = [&] {
    if (video && sdp.video_tracks.size() < kMaxTracks) {
      sdp.video_tracks.push_back(FinishVideo(std::move(*video)));
    }
    video.reset();
  };
  while (!text.empty()) {
    const auto [type, value] = SplitFirst(TakeSdpLine(text), '=');
    if (type == "m") {
      finish_video();
      in_media = true;
      std::string_view rest = value;
      if (TakeUntil(rest, ' ') == "video") video = BeginVideo(rest, session_connection);
    } else if (type == "c") {
      const auto connection = ParseConnection(value);
      if (video && connection) video->track.connection = connection;
      if (!in_media) session_connection = connection;
    } else if (type == "a") {
      if (video) AddAttribute(*video, value);
      if (!in_media && value.starts_with("control:"))
        sdp.control = Trim(SplitFirst(value, ':').second);
    }
  }
  finish_video();
  if (!in_media) return std::nullopt;
  return sdp;
}

const SdpVideoTrack* ChooseVideoTrack(const SessionDescription& sdp, std::optional<size_t> index) {
  const auto& tracks = sdp.video_tracks;
  if (index) return *index >= 1 && *index <= tracks.size() ? &tracks[*index - 1] : nullptr;
  if (tracks.empty()) return nullptr;
  const auto ours = std::find_if(tracks.begin(), tracks.end(), [](const SdpVideoTrack& track) {
    return track.codec != RtpCodec::kOther && !track.secure;
  });
  return ours != tracks.end() ? &*ours : &tracks.front();
}

}  // namespace framewell
