#include "session_wrap.h"

#include <cmath>
#include <string>
#include <utility>

#include "frame_wrap.h"
#include "ingest/camera_receiver.h"
#include "work_meter_wrap.h"

namespace framewell {
namespace {

// The TypeScript layer has checked names, ranges and types.
int64_t Integer(const Napi::Object& options, const char* name) {
  return options.Get(name).As<Napi::Number>().Int64Value();
}
std::string Text(const Napi::Object& options, const char* name) {
  return options.Get(name).As<Napi::String>().Utf8Value();
}

DecodeMode ParseDecodeMode(const std::string& mode) {
  if (mode == "always") return DecodeMode::kAlways;
  if (mode == "keyframes") return DecodeMode::kKeyframes;
  return DecodeMode::kOnDemand;
}

SessionOptions ParseSessionOptions(const Napi::Object& options) {
  SessionOptions parsed;
  parsed.decode.mode = ParseDecodeMode(Text(options, "decode"));
  parsed.loss = Text(options, "lossPolicy") == "tolerant" ? LossPolicy::kTolerant : LossPolicy::kStrict;
  parsed.decode.linger = std::chrono::milliseconds(Integer(options, "lingerMs"));
  parsed.decode.buffer_size = static_cast<size_t>(Integer(options, "bufferSize"));
  parsed.ring_max_bytes = static_cast<size_t>(Integer(options, "ringMaxBytes"));
  parsed.first_sequence = Integer(options, "firstSequence");
  return parsed;
}

CameraReceiverOptions ParseReceiverOptions(const Napi::Object& options, const CameraNetworks& networks) {
  const std::string transport = Text(options, "transport");
  const std::chrono::milliseconds connect_timeout(Integer(options, "connectTimeoutMs"));
  const std::chrono::milliseconds stall_timeout(Integer(options, "stallTimeoutMs"));

  CameraReceiverOptions parsed;
  const bool libav = Text(options, "ingest") == "libav";
  parsed.ingest = libav ? CameraReceiverOptions::Ingest::kLibav : CameraReceiverOptions::Ingest::kAuto;
  const auto url = RtspUrl::Parse(Text(options, "url"));
  if (!url) throw EngineError("ERR_BAD_PARAMETER", "Expected an rtsp:// or rtsps:// URL with a host");
  parsed.libav = {.url = *url,
                  .transport = transport,
                  .networks = networks,
                  .connect_timeout = connect_timeout,
                  .stall_timeout = stall_timeout};
  parsed.rtsp.url = *url;
  parsed.rtsp.networks = networks;
  parsed.rtsp.transport = transport == "udp"         ? RtspTransport::kUdp
                          : transport == "multicast" ? RtspTransport::kMulticast
                                                     : RtspTransport::kTcp;
  if (const Napi::Value track = options.Get("track"); track.IsNumber()) {
    parsed.rtsp.track = track.As<Napi::Number>().Uint32Value();
  }
  parsed.rtsp.connect_timeout = connect_timeout;
  parsed.rtsp.stall_timeout = stall_timeout;
  return parsed;
}

Napi::Object EngineUseObject(Napi::Env env, const EngineUse& use) {
  Napi::Object engine = Napi::Object::New(env);
  engine.Set("name", use.gpu ? "cuda" : "cpu");
  engine.Set("reason", use.reason);
  if (use.gpu) engine.Set("gpu", *use.gpu);
  engine.Set("sinceMs", static_cast<double>(use.since_unix_us) / 1e3);
  return engine;
}

Napi::Object IngestObject(Napi::Env env, const SourceStatus& source) {
  const auto number = [&](uint64_t value) { return Napi::Number::New(env, static_cast<double>(value)); };
  Napi::Object ingest = Napi::Object::New(env);
  ingest.Set("name", source.ingest);
  if (!source.reason.empty()) ingest.Set("reason", source.reason);
  if (source.packets) {
    Napi::Object packets = Napi::Object::New(env);
    packets.Set("received", number(source.packets->packets));
    packets.Set("bytes", number(source.packets->bytes));
    packets.Set("lost", number(source.packets->lost));
    packets.Set("reordered", number(source.packets->reordered));
    packets.Set("malformed", number(source.packets->malformed));
    packets.Set("junkBytes", number(source.packets->junk_bytes));
    ingest.Set("packets", packets);
  }
  return ingest;
}

// Settles the promise on the JavaScript thread. The context outlives every waiter: the engine's threads, which call
// them, end before it does.
CameraDecoder::Waiter AnswerTo(EngineContext& context, std::shared_ptr<WorkMeter> meter,
                               Napi::Promise::Deferred deferred) {
  return [&context, meter = std::move(meter), deferred](PicturePtr picture, const EngineError* error) {
    context.js.Post([&context, meter, deferred, picture = std::move(picture),
                     cause = error ? std::optional(*error) : std::nullopt](Napi::Env env) {
      if (cause) {
        deferred.Reject(CodedError(env, *cause).Value());
      } else {
        deferred.Resolve(picture ? FrameWrap::Wrap(env, context.frame_class, picture, meter) : env.Undefined());
      }
    });
  };
}

// The same, and the event loop stays alive until then: after the session's end nothing else need hold it.
CameraDecoder::Waiter HeldAnswerTo(EngineContext& context, std::shared_ptr<WorkMeter> meter,
                                   Napi::Promise::Deferred deferred) {
  context.js.Hold();
  return
      [&context, answer = AnswerTo(context, std::move(meter), deferred)](PicturePtr picture, const EngineError* error) {
        answer(std::move(picture), error);
        context.js.Post([&context](Napi::Env) { context.js.Release(); });
      };
}

}  // namespace

Napi::Object CauseObject(Napi::Env env, const EngineError& error) {
  Napi::Object cause = Napi::Object::New(env);
  cause.Set("code", error.code());
  cause.Set("message", error.what());
  return cause;
}

Napi::Error CodedError(Napi::Env env, const EngineError& error) {
  Napi::Error coded = Napi::Error::New(env, error.what());
  coded.Set("code", Napi::String::New(env, error.code()));
  return coded;
}

Napi::Function SessionWrap::DefineClass(Napi::Env env) {
  return Napi::ObjectWrap<SessionWrap>::DefineClass(env, "Session",
                                                    {
                                                        InstanceMethod<&SessionWrap::NextFrame>("nextFrame"),
                                                        InstanceMethod<&SessionWrap::LastFrame>("lastFrame"),
                                                        InstanceMethod<&SessionWrap::FrameAt>("frameAt"),
                                                        InstanceMethod<&SessionWrap::Status>("status"),
                                                        InstanceMethod<&SessionWrap::Stop>("stop"),
                                                        InstanceMethod<&SessionWrap::Discard>("discard"),
                                                    });
}

SessionWrap::SessionWrap(const Napi::CallbackInfo& info) : Napi::ObjectWrap<SessionWrap>(info) {
  if (info.Length() != 3 || !info[0].IsExternal()) {
    throw Napi::TypeError::New(info.Env(), "Expected sessions to come from openSession(), not from a constructor");
  }
  context_ = *info[0].As<Napi::External<std::shared_ptr<EngineContext>>>().Data();
  const Napi::Object options = info[1].As<Napi::Object>();
  meter_ = WorkMeterWrap::Unwrap(options.Get("meter").As<Napi::Object>())->meter();
  on_event_ = Napi::Persistent(info[2].As<Napi::Function>());
  try {
    session_ = context_->engine.OpenSession(ParseSessionOptions(options), MakeObserver(),
                                            ParseReceiverOptions(options, context_->networks), meter_);
  } catch (const EngineError& error) {
    throw CodedError(info.Env(), error);
  } catch (const std::exception& error) {
    throw CodedError(info.Env(), {"ERR_INTERNAL", error.what()});
  }
  seeker_ = session_->seeker();
  // This object and the event loop stay alive until `ended` was delivered, which is after this call.
  Ref();
  context_->js.Hold();
}

SessionObserver SessionWrap::MakeObserver() {
  JsThread& js = context_->js;
  SessionObserver observer;
  observer.connected = [this, &js] { js.Post([this](Napi::Env env) { Emit(env, "connected", nullptr); }); };
  observer.awaiting_keyframe = [this, &js](const EngineError* cause) {
    js.Post([this, cause = cause ? std::optional(*cause) : std::nullopt](Napi::Env env) {
      Emit(env, "awaitingKeyframe", cause ? &*cause : nullptr);
    });
  };
  observer.live = [this, &js] { js.Post([this](Napi::Env env) { Emit(env, "live", nullptr); }); };
  observer.engine = [this, &js](const EngineUse& use) {
    js.Post([this, use](Napi::Env env) {
      Napi::Object event = Napi::Object::New(env);
      event.Set("type", "engine");
      event.Set("engine", EngineUseObject(env, use));
      on_event_.Call({event});
    });
  };
  observer.ended = [this, &js](const EngineError& cause) {
    js.Post([this, cause](Napi::Env env) { Ended(env, cause); });
  };
  return observer;
}

void SessionWrap::Emit(Napi::Env env, const char* type, const EngineError* cause) {
  Napi::Object event = Napi::Object::New(env);
  event.Set("type", type);
  if (cause) event.Set("cause", CauseObject(env, *cause));
  on_event_.Call({event});
}

void SessionWrap::Ended(Napi::Env env, const EngineError& cause) {
  final_status_ = session_->status();
  context_->engine.CloseSession(session_);
  session_.reset();
  context_->js.Release();
  Unref();
  Emit(env, "ended", &cause);
  // The function may know this object; through a reference in here the collector does not see that both are garbage.
  on_event_.Reset();
}

Napi::Value SessionWrap::NextFrame(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const int64_t after = info[0].As<Napi::Number>().Int64Value();
  const auto deferred = Napi::Promise::Deferred::New(env);
  if (!session_) {
    deferred.Reject(CodedError(env, {"ERR_STREAM_STOPPED", "Expected an open session but it has ended"}).Value());
    return deferred.Promise();
  }
  PicturePtr held = session_->RequestPicture(after, AnswerTo(*context_, meter_, deferred));
  if (held) deferred.Resolve(FrameWrap::Wrap(env, context_->frame_class, std::move(held), meter_));
  return deferred.Promise();
}

Napi::Value SessionWrap::LastFrame(const Napi::CallbackInfo& info) {
  const auto deferred = Napi::Promise::Deferred::New(info.Env());
  if (seeker_) {
    seeker_->RequestLast(HeldAnswerTo(*context_, meter_, deferred));
  } else {
    deferred.Resolve(info.Env().Undefined());
  }
  return deferred.Promise();
}

Napi::Value SessionWrap::FrameAt(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const auto unix_us = std::llround(info[0].As<Napi::Number>().DoubleValue() * 1000);
  const auto deferred = Napi::Promise::Deferred::New(env);
  if (seeker_) {
    seeker_->RequestAt(unix_us, HeldAnswerTo(*context_, meter_, deferred));
  } else {
    deferred.Reject(CodedError(env, {"ERR_FRAME_NOT_KEPT", "Expected video that is kept but it was let go"}).Value());
  }
  return deferred.Promise();
}

Napi::Value SessionWrap::Discard(const Napi::CallbackInfo& info) {
  if (const auto seeker = std::exchange(seeker_, nullptr)) seeker->Discard();
  return info.Env().Undefined();
}

Napi::Value SessionWrap::Stop(const Napi::CallbackInfo& info) {
  if (session_) session_->RequestStop();
  return info.Env().Undefined();
}

Napi::Value SessionWrap::Status(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  const SessionStatus now = session_ ? session_->status() : final_status_;
  const auto number = [&](auto value) { return Napi::Number::New(env, static_cast<double>(value)); };

  Napi::Object status = Napi::Object::New(env);
  if (now.connected) {
    Napi::Object video = Napi::Object::New(env);
    video.Set("codec", now.codec);
    video.Set("width", number(now.width));
    video.Set("height", number(now.height));
    video.Set("fps", number(now.fps));
    video.Set("bitrateKbps", number(now.bits_per_second / 1000));
    status.Set("video", video);
  }
  if (now.engine) status.Set("engine", EngineUseObject(env, *now.engine));
  status.Set("ingest", IngestObject(env, now.source));
  status.Set("decoding", Napi::Boolean::New(env, now.decoder.decoding));
  Napi::Object ring = Napi::Object::New(env);
  ring.Set("accessUnits", number(now.ring.access_units));
  ring.Set("bytes", number(now.ring.bytes));
  ring.Set("overflowed", Napi::Boolean::New(env, now.ring.overflowed));
  status.Set("ring", ring);
  status.Set("bufferedFrames", number(now.decoder.buffered_frames));
  status.Set("nextSequence", number(now.next_sequence));
  if (now.last_unit_unix_us) status.Set("lastAccessUnitAtMs", number(now.last_unit_unix_us / 1e3));
  if (now.last_keyframe_unix_us) status.Set("lastKeyframeAtMs", number(now.last_keyframe_unix_us / 1e3));
  if (now.keyframe_interval_us) status.Set("keyframeIntervalMs", number(*now.keyframe_interval_us / 1e3));
  if (now.decoder.newest_sequence) {
    Napi::Object newest = Napi::Object::New(env);
    newest.Set("sequence", number(*now.decoder.newest_sequence));
    newest.Set("receivedAtMs", number(now.decoder.newest_received_unix_us / 1e3));
    status.Set("newestFrame", newest);
  }
  Napi::Object counters = Napi::Object::New(env);
  counters.Set("accessUnits", number(now.access_units));
  counters.Set("keyframes", number(now.keyframes));
  counters.Set("bytes", number(now.bytes));
  counters.Set("decodedFrames", number(now.decoder.decoded_frames));
  counters.Set("losses", number(now.losses));
  status.Set("counters", counters);
  return status;
}

}  // namespace framewell
