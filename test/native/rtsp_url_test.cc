#include "ingest/rtsp/rtsp_url.h"

#include "rtsp_test_support.h"

namespace framewell {
namespace {

TEST_CASE("a URL is taken apart and its credentials decoded") {
  const auto url = RtspUrl::Parse("RTSP://ad%40min:p%3Aa%25s%2Fs@Camera.local:8554/live?ch=1#x");
  REQUIRE(url);
  CHECK(url->scheme == "rtsp");
  CHECK(url->credentials.user == "ad@min");
  CHECK(url->credentials.password == "p:a%s/s");
  CHECK(url->host == "Camera.local");
  CHECK(url->port == 8554);
  CHECK(url->uri == "RTSP://Camera.local:8554/live?ch=1");
}

TEST_CASE("a URL may leave out nearly everything") {
  struct Row {
    const char* text;
    const char* host;
    int port;
    const char* user;
    const char* password;
    const char* uri;
  };
  for (const Row& row : {
           Row{"rtsp://host", "host", 554, "", "", "rtsp://host"},
           Row{"rtsps://host/", "host", 322, "", "", "rtsps://host/"},
           Row{"rtsp://host:/x", "host", 554, "", "", "rtsp://host:/x"},
           Row{"rtsp://user@host?x=a@b", "host", 554, "user", "", "rtsp://host?x=a@b"},
           Row{"rtsp://:pw@host", "host", 554, "", "pw", "rtsp://host"},
           Row{"rtsp://a:b@c:d@host", "host", 554, "a", "b@c:d", "rtsp://host"},
           Row{"rtsp://u:50%25%@[fe80::1]:99/x", "fe80::1", 99, "u", "50%%", "rtsp://[fe80::1]:99/x"},
           Row{"rtsp://[::1]/x", "::1", 554, "", "", "rtsp://[::1]/x"},
       }) {
    CAPTURE(row.text);
    const auto url = RtspUrl::Parse(row.text);
    REQUIRE(url);
    CHECK(url->host == row.host);
    CHECK(url->port == row.port);
    CHECK(url->credentials.user == row.user);
    CHECK(url->credentials.password == row.password);
    CHECK(url->uri == row.uri);
  }
}

TEST_CASE("what is no RTSP URL is refused") {
  for (const char* text :
       {"", "rtsp:", "rtsp://", "rtsp:///path", "http://host/", "host/path", "rtsp://host:x/", "rtsp://host:0/",
        "rtsp://host:70000/", "rtsp://user:pw@/", "rtsp://my host/", "rtsp://user@\nhost/"}) {
    CAPTURE(text);
    CHECK_FALSE(RtspUrl::Parse(text));
  }
}

TEST_CASE("control URLs are joined as cameras expect it") {
  struct Row {
    const char* base;
    const char* control;
    const char* joined;
  };
  for (const Row& row : {
           Row{"rtsp://h/live/", "trackID=1", "rtsp://h/live/trackID=1"},
           Row{"rtsp://h/live", "trackID=1", "rtsp://h/live/trackID=1"},
           Row{"rtsp://h/live", "/trackID=1", "rtsp://h/live/trackID=1"},
           Row{"rtsp://h/live?ch=1&sub=0", "trackID=1", "rtsp://h/live?ch=1&sub=0/trackID=1"},
           Row{"rtsp://h/live?ch=1/", "trackID=1", "rtsp://h/live?ch=1/trackID=1"},
           Row{"rtsp://h/live", "?ctype=video", "rtsp://h/live?ctype=video"},
           Row{"rtsp://h/live/", "*", "rtsp://h/live/"},
           Row{"rtsp://h/live/", " ", "rtsp://h/live/"},
           Row{"rtsp://h/live/", "rtsp://h/other/track?x=1", "rtsp://h/other/track?x=1"},
           Row{"rtsp://h/live/", "RTSP://user:pw@h/other", "RTSP://h/other"},
       }) {
    CAPTURE(row.control);
    CHECK(JoinControl(row.base, row.control) == row.joined);
  }
}

TEST_CASE("the base is what the server says, if that can be a URL") {
  struct Row {
    const char* name;
    const char* value;
    const char* base;
  };
  const auto requested = RtspUrl::Parse("rtsp://user:pw@host:8554/live?ch=1");
  for (const Row& row : {
           Row{"Content-Base", "rtsp://inner:554/live/", "rtsp://inner:554/live/"},
           Row{"Content-Location", "rtsp://host/live/", "rtsp://host/live/"},
           Row{"Content-Base", "rtsp://user:pw@host/live/", "rtsp://host/live/"},
           Row{"Content-Base", "rtsp://rtsp://host:554/stream1/", "rtsp://host:554/stream1/"},
           Row{"Content-Base", "rtsp://proxy/?src=rtsp://inner/", "rtsp://proxy/?src=rtsp://inner/"},
           Row{"Content-Base", "192.168.1.10:554/stream0/", "rtsp://192.168.1.10:554/stream0/"},
           Row{"Content-Base", "/stream0/", "rtsp://host:8554/stream0/"},
           Row{"Content-Base", "stream0/", "rtsp://host:8554/live?ch=1"},
           Row{"Content-Base", "", "rtsp://host:8554/live?ch=1"},
           Row{"Content-Base", "rtsp://", "rtsp://host:8554/live?ch=1"},
           Row{"Content-Base", "http://host/live/", "rtsp://host:8554/live?ch=1"},
           Row{"Server", "none", "rtsp://host:8554/live?ch=1"},
       }) {
    CAPTURE(row.value);
    RtspHeaders headers;
    headers.Add(row.name, row.value);
    CHECK(FindBaseUri(headers, *requested) == row.base);
  }
}

TEST_CASE("Content-Location helps where Content-Base is of no use") {
  RtspHeaders headers;
  headers.Add("Content-Base", "");
  headers.Add("Content-Location", "rtsp://host/other/");
  CHECK(FindBaseUri(headers, *RtspUrl::Parse("rtsp://host/live")) == "rtsp://host/other/");
}

TEST_CASE("credentials follow a redirect to the same host only") {
  const auto from = RtspUrl::Parse("rtsp://user:pw@host/live");
  const auto same = ResolveRedirect(*from, "rtsp://HOST:8554/other");
  REQUIRE(same);
  CHECK(same->credentials.password == "pw");
  CHECK(same->uri == "rtsp://HOST:8554/other");

  const auto path = ResolveRedirect(*from, "/other");
  REQUIRE(path);
  CHECK(path->uri == "rtsp://host/other");
  CHECK(path->credentials.user == "user");

  const auto elsewhere = ResolveRedirect(*from, "rtsps://elsewhere/live");
  REQUIRE(elsewhere);
  CHECK(elsewhere->credentials.empty());
  CHECK(elsewhere->scheme == "rtsps");

  for (const char* location : {"", "http://host/", "file:///etc/passwd", "concat:rtsp://host/", "tcp://host:80"}) {
    CHECK_FALSE_MESSAGE(ResolveRedirect(*from, location), location);
  }
}

TEST_CASE("a URL is written with its credentials and another host") {
  const auto formatted = [](const char* url, const char* host) {
    return FormatWithCredentials(*RtspUrl::Parse(url), host);
  };
  CHECK(formatted("rtsp://camera/live?a=b/c", "192.0.2.7") == "rtsp://192.0.2.7:554/live?a=b/c");
  CHECK(formatted("rtsps://camera:8322", "fd00::7") == "rtsps://[fd00::7]:8322");
  CHECK(formatted("rtsp://u%3Aser:p%40ss%2F+ %25@camera/live", "camera") ==
        "rtsp://u%3Aser:p%40ss%2F%2B%20%25@camera:554/live");
  CHECK(formatted("rtsp://user@camera/", "camera") == "rtsp://user:@camera:554/");
}

}  // namespace
}  // namespace framewell
