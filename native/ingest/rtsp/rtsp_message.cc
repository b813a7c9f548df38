#include "ingest/rtsp/rtsp_message.h"

#include <algorithm>

#include "ingest/rtsp/text.h"

namespace framewell {
namespace {

constexpr std::string_view kProtocol = "RTSP/";

std::string_view TakeWord(std::string_view& line) {
  line = Trim(line);
  return TakeUntil(line, ' ');
}

std::optional<RtspMessage> ParseStartLine(std::string_view line) {
  if (StartsWithIgnoreCase(line, kProtocol)) {
    TakeWord(line);  // The version: cameras write 1.0, and nothing would be done differently.
    const auto status = ParseUnsigned<unsigned>(TakeWord(line));
    if (!status || *status < 100 || *status > 599) return std::nullopt;
    RtspResponse response;
    response.status = static_cast<int>(*status);
    response.reason = Trim(line);
    return response;
  }
  RtspRequest request;
  request.method = TakeWord(line);
  request.uri = TakeWord(line);
  if (!StartsWithIgnoreCase(Trim(line), kProtocol)) return std::nullopt;
  return request;
}

RtspHeaders TakeHeaders(std::string_view& rest) {
  RtspHeaders headers;
  for (std::string_view line = TakeLine(rest); !line.empty(); line = TakeLine(rest)) {
    if (line.front() == ' ' || line.front() == '\t') {
      headers.ContinueLast(line);
      continue;
    }
    const auto [name, value] = SplitFirst(line, ':');
    // A line without a colon is no header; some cameras leave debug output there.
    if (name.size() < line.size()) headers.Add(name, value);
  }
  return headers;
}

void AppendWithoutLineEnds(std::string& out, std::string_view text) {
  std::copy_if(text.begin(), text.end(), std::back_inserter(out),
               [](char c) { return c != '\r' && c != '\n' && c != '\0'; });
}

std::string FormatRest(std::string out, const RtspHeaders& headers, const std::string& body) {
  out += "\r\n";
  for (const auto& [name, value] : headers.fields()) {
    AppendWithoutLineEnds(out, name);
    out += ": ";
    AppendWithoutLineEnds(out, value);
    out += "\r\n";
  }
  if (!body.empty()) out += "Content-Length: " + std::to_string(body.size()) + "\r\n";
  return out + "\r\n" + body;
}

}  // namespace

void RtspHeaders::Add(std::string_view name, std::string_view value) { fields_.emplace_back(Trim(name), Trim(value)); }

void RtspHeaders::ContinueLast(std::string_view value) {
  if (fields_.empty()) return;
  fields_.back().second += ' ';
  fields_.back().second += Trim(value);
}

std::optional<std::string_view> RtspHeaders::Find(std::string_view name) const {
  for (const auto& [key, value] : fields_) {
    if (EqualsIgnoreCase(key, name)) return value;
  }
  return std::nullopt;
}

std::vector<std::string_view> RtspHeaders::FindAll(std::string_view name) const {
  std::vector<std::string_view> found;
  for (const auto& [key, value] : fields_) {
    if (EqualsIgnoreCase(key, name)) found.emplace_back(value);
  }
  return found;
}

std::optional<RtspMessage> ParseRtspMessage(std::span<const uint8_t> bytes) {
  std::string_view rest(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  auto message = ParseStartLine(TakeLine(rest));
  if (!message) return std::nullopt;
  std::visit(
      [&](auto& parsed) {
        parsed.headers = TakeHeaders(rest);
        parsed.body = rest;
      },
      *message);
  return message;
}

std::optional<uint32_t> CSeqOf(const RtspHeaders& headers) {
  const auto value = headers.Find("CSeq");
  return value ? ParseUnsigned<uint32_t>(*value) : std::nullopt;
}

std::string FormatRtspRequest(const RtspRequest& request) {
  std::string out = request.method + ' ';
  AppendWithoutLineEnds(out, request.uri);
  return FormatRest(out + " RTSP/1.0", request.headers, request.body);
}

std::string FormatRtspResponse(const RtspResponse& response) {
  return FormatRest("RTSP/1.0 " + DescribeRtspStatus(response.status), response.headers, response.body);
}

std::string DescribeRtspStatus(int status) {
  // RFC 2326 11 and RFC 7826 17.
  static constexpr std::pair<int, const char*> kReasons[] = {
      {200, "OK"},
      {400, "Bad Request"},
      {401, "Unauthorized"},
      {402, "Payment Required"},
      {403, "Forbidden"},
      {404, "Not Found"},
      {405, "Method Not Allowed"},
      {406, "Not Acceptable"},
      {407, "Proxy Authentication Required"},
      {408, "Request Time-out"},
      {410, "Gone"},
      {413, "Request Entity Too Large"},
      {414, "Request-URI Too Large"},
      {415, "Unsupported Media Type"},
      {451, "Parameter Not Understood"},
      {452, "Conference Not Found"},
      {453, "Not Enough Bandwidth"},
      {454, "Session Not Found"},
      {455, "Method Not Valid in This State"},
      {456, "Header Field Not Valid for Resource"},
      {457, "Invalid Range"},
      {458, "Parameter Is Read-Only"},
      {459, "Aggregate operation not allowed"},
      {460, "Only aggregate operation allowed"},
      {461, "Unsupported transport"},
      {462, "Destination unreachable"},
      {463, "Destination Prohibited"},
      {464, "Data Transport Not Ready Yet"},
      {500, "Internal Server Error"},
      {501, "Not Implemented"},
      {502, "Bad Gateway"},
      {503, "Service Unavailable"},
      {504, "Gateway Time-out"},
      {505, "RTSP Version not supported"},
      {551, "Option not supported"},
  };
  const auto known = std::find_if(std::begin(kReasons), std::end(kReasons),
                                  [&](const auto& reason) { return reason.first == status; });
  const std::string number = std::to_string(status);
  return known == std::end(kReasons) ? number : number + ' ' + known->second;
}

}  // namespace framewell
