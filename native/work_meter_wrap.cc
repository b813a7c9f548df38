#include "work_meter_wrap.h"

#include <chrono>

namespace framewell {
namespace {

using Seconds = std::chrono::duration<double>;

template <typename Range, typename ToNumber>
Napi::Array NumberArray(Napi::Env env, const Range& range, ToNumber to_number) {
  Napi::Array array = Napi::Array::New(env, range.size());
  uint32_t index = 0;
  for (const auto& item : range) array.Set(index++, Napi::Number::New(env, to_number(item)));
  return array;
}

Napi::Object TimesObject(Napi::Env env, const TimeHistogram& histogram) {
  const TimeHistogram::Reading reading = histogram.Read();
  Napi::Object times = Napi::Object::New(env);
  times.Set("counts", NumberArray(env, reading.counts, [](uint64_t count) { return static_cast<double>(count); }));
  times.Set("sumS", Seconds(reading.sum).count());
  return times;
}

}  // namespace

Napi::Function WorkMeterWrap::DefineClass(Napi::Env env) {
  return Napi::ObjectWrap<WorkMeterWrap>::DefineClass(env, "WorkMeter", {InstanceMethod<&WorkMeterWrap::Read>("read")});
}

Napi::Value WorkMeterWrap::Read(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  Napi::Object times = Napi::Object::New(env);
  times.Set("boundsS", NumberArray(env, TimeHistogram::kBounds, [](auto bound) { return Seconds(bound).count(); }));
  times.Set("decodes", TimesObject(env, meter_->decodes));
  times.Set("encodes", TimesObject(env, meter_->encodes));
  return times;
}

}  // namespace framewell
