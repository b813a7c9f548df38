#include "ingest/rtsp/digest_auth.h"

#include <array>

#include "rtsp_test_support.h"

namespace framewell {
namespace {

using Scheme = AuthChallenge::Scheme;

// The Authorization header for one DESCRIBE after a 401 with one WWW-Authenticate header.
std::string Answer(std::string_view challenge, Credentials credentials = {"admin", "p@ss:w\xc3\xb6rd"}) {
  Authenticator authenticator(std::move(credentials), "cn0");
  REQUIRE(authenticator.TakeChallenge(std::array{challenge}));
  return authenticator.Authorize("DESCRIBE", "rtsp://h/s");
}

bool Contains(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

TEST_CASE("the examples of RFC 7616 3.9.1 come out") {
  Authenticator authenticator({"Mufasa", "Circle of Life"}, "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ");
  const std::string parameters =
      "realm=\"http-auth@example.org\", qop=\"auth, auth-int\", "
      "nonce=\"7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v\", "
      "opaque=\"FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS\"";
  const std::string sha = "Digest algorithm=SHA-256, " + parameters;
  const std::string md5 = "Digest algorithm=MD5, " + parameters;

  REQUIRE(authenticator.TakeChallenge(std::array<std::string_view, 1>{md5}));
  CHECK(authenticator.Authorize("GET", "/dir/index.html") ==
        "Digest username=\"Mufasa\", realm=\"http-auth@example.org\", "
        "nonce=\"7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v\", uri=\"/dir/index.html\", "
        "response=\"8ca523f5e9506fed4657c9700eebdbec\", algorithm=MD5, "
        "opaque=\"FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS\", qop=auth, nc=00000001, "
        "cnonce=\"f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ\"");

  Authenticator other({"Mufasa", "Circle of Life"}, "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ");
  REQUIRE(other.TakeChallenge(std::array<std::string_view, 2>{md5, sha}));
  CHECK(Contains(other.Authorize("GET", "/dir/index.html"),
                 "response=\"753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1\", "
                 "algorithm=SHA-256"));
}

TEST_CASE("every algorithm is answered, with qop and without") {
  struct Row {
    const char* parameters;
    const char* response;
  };
  for (const Row& row : {
           Row{"", "b1935fa127fcfbee405688c0af43cb58"},
           Row{", algorithm=md5", "b1935fa127fcfbee405688c0af43cb58"},
           Row{", algorithm=\"MD5\", qop=\"\"", "b1935fa127fcfbee405688c0af43cb58"},
           Row{", algorithm=MD5-sess", "87bfb0289b69b165646eb6ff6885d9df"},
           Row{", algorithm=MD5-sess, qop=auth", "31359a2213f8005168e025b36d58fc1e"},
           Row{", algorithm=SHA-256", "66ff10633b9505c9ecd8e45ddf4c824716256348c9b0dc65cb8c0a2acb63edab"},
           Row{", algorithm=SHA-256-sess", "7ebd0b6fb08915d8d98a2684c62652ac9ded2d9f4cb4385cb62168153169f33e"},
           Row{", algorithm=SHA-256-sess, qop=\"auth-int,auth\", userhash=true",
               "1db826bd32a1d9cdd917f180188ffe28c8629f4de6355617a6c93d58e96d244b"},
       }) {
    CAPTURE(row.parameters);
    const std::string answer = Answer(std::string("Digest realm=\"cam\", nonce=\"abc\"") + row.parameters);
    CHECK(Contains(answer, std::string("response=\"") + row.response + '"'));
  }
}

TEST_CASE("a nonce's uses are counted, and anew with the next nonce") {
  Authenticator authenticator({"admin", "p@ss:w\xc3\xb6rd"}, "cn0");
  REQUIRE(authenticator.TakeChallenge(
      std::array<std::string_view, 1>{"Digest realm=\"cam\", nonce=\"abc\", qop=\"auth\""}));
  CHECK(Contains(authenticator.Authorize("DESCRIBE", "rtsp://h/s"), "nc=00000001"));
  const std::string second = authenticator.Authorize("DESCRIBE", "rtsp://h/s");
  CHECK(Contains(second, "nc=00000002"));
  CHECK(Contains(second, "response=\"f1a3f070a33bef3366e255b95a4bc133\""));
  REQUIRE(authenticator.TakeChallenge(
      std::array<std::string_view, 1>{"Digest realm=\"cam\", nonce=\"def\", qop=\"auth\""}));
  CHECK(Contains(authenticator.Authorize("DESCRIBE", "rtsp://h/s"), "nc=00000001"));
}

TEST_CASE("what the camera did not name is not sent") {
  const std::string answer = Answer("Digest realm=\"cam\", nonce=\"abc\"");
  for (const char* name : {"algorithm", "opaque", "qop", "nc=", "cnonce"}) {
    CAPTURE(name);
    CHECK_FALSE(Contains(answer, name));
  }
  CHECK(Contains(Answer("Digest realm=\"cam\", nonce=\"abc\", opaque=\"\""), "opaque=\"\""));
}

TEST_CASE("Basic encodes user and password as they are") {
  CHECK(Answer("Basic realm=\"cam\"") == "Basic YWRtaW46cEBzczp3w7ZyZA==");
  CHECK(Answer("basic") == "Basic YWRtaW46cEBzczp3w7ZyZA==");
  CHECK(Answer("Basic", {"", ""}) == "Basic Og==");
}

TEST_CASE("quotes and backslashes survive in user and realm") {
  const std::string answer = Answer(R"(Digest realm="My \"Cam\" \\ 1, x", nonce="abc")", {"us\"er", "pw"});
  CHECK(Contains(answer, R"(username="us\"er", realm="My \"Cam\" \\ 1, x")"));
  CHECK(Contains(answer, "response=\"35622ee00cff46b438265d5dbbf8df16\""));
}

TEST_CASE("challenges are read as cameras write them") {
  struct Row {
    const char* header;
    const char* realm;
    const char* nonce;
  };
  for (const Row& row : {
           Row{"Digest realm=\"IP Camera(12345)\", nonce=\"a0f8\", stale=\"FALSE\"", "IP Camera(12345)", "a0f8"},
           Row{"Digest realm=\"a\",nonce=\"b\"", "a", "b"},
           Row{"DIGEST  Realm = \"a\" ,\tNONCE = \"b\" ,", "a", "b"},
           Row{"Digest realm=\"a\" nonce=\"b\"", "a", "b"},
           Row{"Digest realm=a b, nonce=c=d", "a b", "c=d"},
           Row{"Digest realm=a nonce=b", "a", "b"},
           Row{"Digest realm=\"My \"Cam\" 1\", nonce=\"b\"", "My \"Cam\" 1", "b"},
           Row{"Digest nonce=\"b\"", "", "b"},
           Row{"Digest realm=\"a\", nonce=\"b", "a", "b"},
           Row{"Digest realm=\"DOM\\cam\", nonce=\"b\"", "DOM\\cam", "b"},
           Row{"\"Digest realm=\"a\", nonce=\"b\"", "a", "b"},
       }) {
    CAPTURE(row.header);
    const auto challenges = ParseChallenges(row.header);
    REQUIRE(challenges.size() == 1);
    CHECK(challenges[0].scheme == Scheme::kDigestMd5);
    CHECK(challenges[0].realm == row.realm);
    CHECK(challenges[0].nonce == row.nonce);
    CHECK_FALSE(challenges[0].stale);
  }
}

TEST_CASE("several challenges in one header are told apart") {
  const auto challenges = ParseChallenges(
      "Basic realm=\"a, b\", Digest realm=\"a\", nonce=\"n\", stale=TRUE, algorithm=SHA-256, "
      "qop=\"auth\", "
      "Negotiate, Digest realm=\"a\", nonce=\"m\"");
  REQUIRE(challenges.size() == 3);
  CHECK(challenges[0].scheme == Scheme::kBasic);
  CHECK(challenges[0].realm == "a, b");
  CHECK(challenges[1].scheme == Scheme::kDigestSha256);
  CHECK(challenges[1].stale);
  CHECK(challenges[2].nonce == "m");
}

TEST_CASE("the strongest challenge of all headers is taken") {
  Authenticator authenticator({"u", "p"}, "c");
  REQUIRE(authenticator.TakeChallenge(std::array<std::string_view, 3>{
      "Digest realm=\"r\", nonce=\"1\"", "Digest realm=\"r\", nonce=\"2\", algorithm=SHA-256", "Basic realm=\"r\""}));
  CHECK(Contains(authenticator.Authorize("PLAY", "x"), "nonce=\"2\""));
}

TEST_CASE("what cannot be answered is passed over") {
  for (const char* header : {"", "Negotiate", "Bearer realm=\"a\"", "Digest realm=\"a\"", "realm=\"a\", nonce=\"b\"",
                             "Digest realm=\"a\", nonce=\"b\", algorithm=SHA-512-256",
                             "Digest realm=\"a\", nonce=\"b\", qop=\"auth-int\"", ",,=\"\",==,\""}) {
    CAPTURE(header);
    Authenticator authenticator({"u", "p"}, "c");
    CHECK_FALSE(authenticator.TakeChallenge(std::array<std::string_view, 1>{header}));
    CHECK_FALSE(authenticator.challenged());
  }
}

}  // namespace
}  // namespace framewell
