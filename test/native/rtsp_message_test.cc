#include "ingest/rtsp/rtsp_message.h"

#include "rtsp_test_support.h"

namespace framewell {
namespace {

RtspResponse ParseResponse(std::string_view text) {
  const auto message = ParseRtspMessage(Bytes(text));
  REQUIRE(message);
  REQUIRE(std::holds_alternative<RtspResponse>(*message));
  return std::get<RtspResponse>(*message);
}

TEST_CASE("a response is read with its headers and body") {
  const auto response =
      ParseResponse("RTSP/1.0 200 OK\r\nCSeq: 7\r\nContent-Length: 3\r\nServer:  Two Words \r\n\r\nv=0");
  CHECK(response.status == 200);
  CHECK(response.reason == "OK");
  CHECK(CSeqOf(response.headers) == 7);
  CHECK(response.headers.Find("SERVER") == "Two Words");
  CHECK(response.body == "v=0");
}

TEST_CASE("a server's request is read") {
  const auto message = ParseRtspMessage(Bytes("GET_PARAMETER rtsp://host/live RTSP/1.0\r\nCSeq: 1\r\n\r\n"));
  REQUIRE(message);
  const auto& request = std::get<RtspRequest>(*message);
  CHECK(request.method == "GET_PARAMETER");
  CHECK(request.uri == "rtsp://host/live");
}

TEST_CASE("several headers of one name are kept apart, in order") {
  const auto response = ParseResponse(
      "RTSP/1.0 401 Unauthorized\r\nWWW-Authenticate: Basic realm=\"a\"\r\n"
      "www-authenticate: Digest realm=\"a\", nonce=\"b\"\r\n\r\n");
  const auto values = response.headers.FindAll("WWW-Authenticate");
  REQUIRE(values.size() == 2);
  CHECK(values[0] == "Basic realm=\"a\"");
  CHECK(values[1].starts_with("Digest"));
}

TEST_CASE("odd messages are read as far as they make sense") {
  CHECK(ParseResponse("RTSP/1.0 200\r\n\r\n").status == 200);
  CHECK(ParseResponse("RTSP/1.0  404  Stream Not Found\nCSeq:1\n\n").reason == "Stream Not Found");
  CHECK(ParseResponse("rtsp/1.0 200 OK\r\n\r\n").status == 200);
  CHECK(ParseResponse("RTSP/1.0 200 OK\r\n folded before any header\r\nno colon\r\n\r\n").headers.fields().empty());
  CHECK(ParseResponse("RTSP/1.0 200 OK\r\nCSeq: 1").headers.Find("CSeq") == "1");
}

TEST_CASE("what is no message is refused") {
  for (const char* text : {"", "\r\n", "HTTP/1.1 200 OK\r\n\r\n", "RTSP/1.0\r\n\r\n", "RTSP/1.0 OK\r\n\r\n",
                           "RTSP/1.0 99 Odd\r\n\r\n", "RTSP/1.0 600 Odd\r\n\r\n", "OPTIONS *\r\n\r\n"}) {
    CAPTURE(text);
    CHECK_FALSE(ParseRtspMessage(Bytes(text)));
  }
}

TEST_CASE("a number that is none is no CSeq") {
  for (const char* value : {"", "x", "-1", "1x", "4294967296"}) {
    RtspHeaders headers;
    headers.Add("CSeq", value);
    CAPTURE(value);
    CHECK_FALSE(CSeqOf(headers));
  }
}

TEST_CASE("requests and responses are written as RFC 2326 has them") {
  RtspRequest request{"SETUP", "rtsp://host/live/trackID=1", {}, ""};
  request.headers.Add("CSeq", "3");
  CHECK(FormatRtspRequest(request) == "SETUP rtsp://host/live/trackID=1 RTSP/1.0\r\nCSeq: 3\r\n\r\n");

  RtspResponse response;
  response.status = 501;
  response.body = "abc";
  CHECK(FormatRtspResponse(response) == "RTSP/1.0 501 Not Implemented\r\nContent-Length: 3\r\n\r\nabc");
}

TEST_CASE("nothing that is written can add a line") {
  RtspRequest request{"SETUP", "rtsp://host/a\r\nX: 1", {}, ""};
  request.headers.Add("Session", "id\r\nEvil: 2");
  CHECK(FormatRtspRequest(request) == "SETUP rtsp://host/aX: 1 RTSP/1.0\r\nSession: idEvil: 2\r\n\r\n");
}

TEST_CASE("a status is described in the RFC's words") {
  CHECK(DescribeRtspStatus(453) == "453 Not Enough Bandwidth");
  CHECK(DescribeRtspStatus(499) == "499");
}

}  // namespace
}  // namespace framewell
