#include "ingest/rtsp/keepalive.h"
#include "ingest/rtsp/rtp_delivery.h"
#include "ingest/rtsp/rtp_info_header.h"
#include "ingest/rtsp/session_header.h"
#include "ingest/rtsp/transport_header.h"
#include "rtsp_test_support.h"

namespace framewell {
namespace {

using std::chrono::seconds;

TEST_CASE("Transport says where the packets come, in any spelling") {
  const auto tcp = ParseTransportHeader("RTP/AVP/TCP;unicast;interleaved=2-3;ssrc=30A98EE7;mode=\"play\"");
  CHECK(tcp.tcp);
  CHECK(tcp.interleaved == RtpPortPair{2, 3});
  CHECK(tcp.ssrc == 0x30A98EE7);
  CHECK_FALSE(tcp.server_port);

  const auto udp = ParseTransportHeader(
      " rtp/avp ; Unicast ; source = 10.0.0.9 ; client_port = 5000 - 5001 ; server_port=6970 , "
      "RTP/AVP/TCP");
  CHECK_FALSE(udp.tcp);
  CHECK(udp.source == "10.0.0.9");
  CHECK(udp.client_port == RtpPortPair{5000, 5001});
  CHECK(udp.server_port == RtpPortPair{6970, 6971});

  const auto multicast = ParseTransportHeader("RTP/AVP;multicast;destination=239.0.0.1;port=5000-5001;ttl=16");
  CHECK(multicast.multicast);
  CHECK(multicast.destination == "239.0.0.1");
  CHECK(multicast.port == RtpPortPair{5000, 5001});
  CHECK(multicast.ttl == 16);
}

TEST_CASE("parameters that make no sense are as if absent") {
  const auto header = ParseTransportHeader(
      "RTP/AVP/"
      "TCP;interleaved=256-257;client_port=x;server_port=65535;ttl=256;ssrc=123456789;port=;;=;"
      "source=");
  CHECK_FALSE(header.interleaved);
  CHECK_FALSE(header.client_port);
  CHECK_FALSE(header.server_port);
  CHECK_FALSE(header.port);
  CHECK_FALSE(header.ttl);
  CHECK_FALSE(header.ssrc);
  CHECK(header.source.empty());
  CHECK(ParseTransportHeader("RTP/AVP/TCP;interleaved=4-x").interleaved == RtpPortPair{4, 5});
}

TEST_CASE("SETUP asks for the transport that was chosen") {
  CHECK(FormatTransportRequest(RtspTransport::kTcp, {0, 1}) == "RTP/AVP/TCP;unicast;interleaved=0-1");
  CHECK(FormatTransportRequest(RtspTransport::kUdp, {5000, 5001}) == "RTP/AVP;unicast;client_port=5000-5001");
  CHECK(FormatTransportRequest(RtspTransport::kMulticast, {}) == "RTP/AVP;multicast");
}

TEST_CASE("Session has an id and perhaps a timeout") {
  struct Row {
    const char* value;
    const char* id;
    int timeout_s;
  };
  for (const Row& row : {
           Row{"12345678", "12345678", 0},
           Row{"12345678;timeout=30", "12345678", 30},
           Row{"       708345999;timeout=60", "708345999", 60},
           Row{"9a90de54; timeout=120", "9a90de54", 120},
           Row{"a ; Timeout = 15 ; x=y", "a", 15},
           Row{"a;timeout=0", "a", 0},
           Row{"a;timeout=soon", "a", 0},
           Row{"a;timeout=", "a", 0},
           Row{"a;timeout=99999999999", "a", 0},
       }) {
    CAPTURE(row.value);
    const auto session = ParseSessionHeader(row.value);
    REQUIRE(session);
    CHECK(session->id == row.id);
    CHECK(session->timeout.value_or(seconds(0)) == seconds(row.timeout_s));
  }
  CHECK_FALSE(ParseSessionHeader(""));
  CHECK_FALSE(ParseSessionHeader(" ;timeout=60"));
}

TEST_CASE("RTP-Info lists streams; what is unreadable is left out") {
  const auto streams = ParseRtpInfo(
      "url=rtsp://h/a?x=1/trackID=1;seq=47121;rtptime=3475222385;ssrc=9fc9fff8, "
      "url=trackID=2;seq=70000;rtptime=-1;");
  REQUIRE(streams.size() == 2);
  CHECK(streams[0].url == "rtsp://h/a?x=1/trackID=1");
  CHECK(streams[0].sequence == 47121);
  CHECK(streams[0].timestamp == 3475222385);
  CHECK(streams[1].url == "trackID=2");
  CHECK_FALSE(streams[1].sequence);
  CHECK_FALSE(streams[1].timestamp);
  CHECK(ParseRtpInfo("").empty());
}

RtpDelivery Agree(RtspTransport asked, std::string_view transport, const SdpVideoTrack& track = {}) {
  const auto delivery = AgreeDelivery(asked, {0, 1}, ParseTransportHeader(transport), track);
  REQUIRE(delivery);
  return *delivery;
}

TEST_CASE("the camera's channels hold, else those asked for") {
  const auto channels = [](std::string_view transport) {
    const auto delivery = std::get<InterleavedDelivery>(Agree(RtspTransport::kTcp, transport));
    return RtpPortPair{delivery.rtp_channel, delivery.rtcp_channel};
  };
  CHECK(channels("RTP/AVP/TCP;unicast;interleaved=8-9") == RtpPortPair{8, 9});
  CHECK(channels("RTP/AVP/TCP;unicast") == RtpPortPair{0, 1});
  CHECK(channels("RTP/AVP;unicast;interleaved=2-3") == RtpPortPair{2, 3});
  CHECK(channels("") == RtpPortPair{0, 1});
}

TEST_CASE("an address that says nothing is as if absent") {
  for (const char* source : {"", "0.0.0.0", "::", "camera.local", "10.0.0.256"}) {
    CAPTURE(source);
    const std::string transport = std::string("RTP/AVP;unicast;server_port=6970-6971;source=") + source;
    const auto delivery = std::get<UdpDelivery>(Agree(RtspTransport::kUdp, transport));
    CHECK(delivery.source.empty());
    CHECK(delivery.server_ports == RtpPortPair{6970, 6971});
  }
  CHECK(std::get<UdpDelivery>(Agree(RtspTransport::kUdp, "RTP/AVP;source=10.0.0.9")).source == "10.0.0.9");
  CHECK(std::get<UdpDelivery>(Agree(RtspTransport::kUdp, "RTP/AVP;source=fe80::1")).source == "fe80::1");
}

TEST_CASE("the group of a multicast comes from the answer, else from the SDP") {
  SdpVideoTrack track;
  track.port = 7000;
  track.connection = SdpConnection{"239.9.9.9", 8};
  const auto agree = [&](std::string_view transport) {
    return std::get<MulticastDelivery>(Agree(RtspTransport::kMulticast, transport, track));
  };
  const auto answered = agree("RTP/AVP;multicast;destination=239.0.0.1;source=10.0.0.9;port=5000-5001;ttl=16");
  CHECK(answered.group == "239.0.0.1");
  CHECK(answered.ports == RtpPortPair{5000, 5001});
  CHECK(answered.ttl == 16);
  CHECK(answered.source == "10.0.0.9");

  const auto described = agree("RTP/AVP;multicast");
  CHECK(described.group == "239.9.9.9");
  CHECK(described.ports == RtpPortPair{7000, 7001});
  CHECK(described.ttl == 8);

  CHECK(agree("RTP/AVP;multicast;client_port=5002-5003").ports == RtpPortPair{5002, 5003});
}

TEST_CASE("another transport than asked for is refused") {
  const auto refused = [](RtspTransport asked, std::string_view transport) {
    return !AgreeDelivery(asked, {0, 1}, ParseTransportHeader(transport), {});
  };
  CHECK(refused(RtspTransport::kTcp, "RTP/AVP;unicast;client_port=5000-5001;server_port=6970-6971"));
  CHECK(refused(RtspTransport::kUdp, "RTP/AVP/TCP;unicast;interleaved=0-1"));
  CHECK(refused(RtspTransport::kUdp, "RTP/AVP;multicast;destination=239.0.0.1;port=5000"));
  CHECK(refused(RtspTransport::kMulticast, "RTP/AVP;unicast;client_port=5000-5001"));
  CHECK(refused(RtspTransport::kMulticast, "RTP/AVP;multicast;destination=239.0.0.1"));
}

TEST_CASE("the keepalive is the best that is offered") {
  struct Row {
    const char* offered;
    const char* methods;
  };
  for (const Row& row : {
           Row{"OPTIONS, GET_PARAMETER, SET_PARAMETER", "GET_PARAMETER SET_PARAMETER OPTIONS "},
           Row{"OPTIONS,get_parameter", "GET_PARAMETER OPTIONS "},
           Row{"SET_PARAMETER ,PLAY", "SET_PARAMETER OPTIONS "},
           Row{"DESCRIBE", "OPTIONS "},
           Row{"", "OPTIONS "},
       }) {
    CAPTURE(row.offered);
    Keepalive keepalive;
    keepalive.Offer(row.offered);
    std::string methods;
    do {
      methods.append(keepalive.method()).append(" ");
    } while (keepalive.TryNext());
    CHECK(methods == row.methods);
    CHECK(keepalive.method() == std::string_view("OPTIONS"));
  }
}

TEST_CASE("keepalives are sent well before the session times out") {
  using std::chrono::milliseconds;
  CHECK(Keepalive::Interval(std::nullopt) == milliseconds(30'000));
  CHECK(Keepalive::Interval(seconds(15)) == milliseconds(7'500));
  CHECK(Keepalive::Interval(seconds(1)) == milliseconds(500));
  CHECK(Keepalive::Interval(seconds(4'000'000'000)) == milliseconds(30'000));
}

}  // namespace
}  // namespace framewell
