// Every request of tests/conformance/http1_requests.json: whole, byte by byte, and cut in two at every place.
#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "http/path.h"
#include "http1/body_decoder.h"
#include "http1/request_parser.h"
#include "http1_requests.h"

namespace osmia::http1 {
namespace {

using conformance::RequestCase;

const std::vector<RequestCase>& cases() {
    return conformance::request_cases();
}

/// What became of one request.
struct Outcome {
    std::string state = "unfinished";
    unsigned status = 0;
    std::string reason = "-", found, method, target, path, query, host, body, fields;
    bool keep = false, expect = false, upgrade = false;
    std::size_t used = 0;

    friend bool operator==(const Outcome&, const Outcome&) = default;
};

/// Feeds one request as the listener would: head, path, then content.
class Reader {
public:
    /// All bytes so far. A fresh copy each time, of exactly that size: the parser must not hold on to an old
    /// buffer.
    void feed(std::string_view bytes) {
        buffer_ = std::make_unique<std::string>(bytes);
        if (outcome_.state != "unfinished") return;
        if (!body_ && !read_head()) return;
        read_body();
    }
    const Outcome& outcome() const { return outcome_; }

private:
    bool read_head() {
        const ParseState state = parser_.parse(*buffer_);
        if (state == ParseState::Failed) return refuse(parser_.error(), "head");
        if (state == ParseState::NeedMore) return false;
        describe(parser_.request());
        if (!read_path(parser_.request())) return false;
        body_.emplace(parser_.request());
        outcome_.used = parser_.request().size();
        return true;
    }
    bool read_path(const RequestHead& head) {
        outcome_.path = head.raw_path();
        if (head.target_form() == TargetForm::Asterisk) return true;
        std::vector<char> out(head.raw_path().size());
        const http::PathResult result = http::normalize_path(head.raw_path(), out);
        outcome_.path.assign(out.data(), result.size);
        return result.ok() || refuse({400, http::ErrorReason::Url}, "path");
    }
    void read_body() {
        for (;;) {
            const auto step = body_->next(std::string_view(*buffer_).substr(outcome_.used));
            outcome_.used += step.consumed;
            outcome_.body += step.data;
            if (step.kind == http_fields::ChunkStep::Kind::Data) continue;
            if (step.kind == http_fields::ChunkStep::Kind::Failed) refuse(body_->error(), "body");
            if (step.kind == http_fields::ChunkStep::Kind::End) outcome_.state = "accepted";
            return;
        }
    }
    bool refuse(RequestError error, std::string_view found) {
        outcome_ = {};
        outcome_.state = "refused";
        outcome_.status = error.status;
        outcome_.reason = http::reason_name(error.reason);
        outcome_.found = found;
        return false;
    }
    void describe(const RequestHead& head) {
        outcome_.method = head.method_token();
        outcome_.target = head.target();
        outcome_.query = head.query();
        outcome_.host = head.host();
        outcome_.keep = head.keep_alive();
        outcome_.expect = head.expects_continue();
        outcome_.upgrade = head.wants_upgrade();
        for (const FieldEntry& entry : head.fields()) {
            outcome_.fields += std::string(head.name(entry)) + "=" + std::string(head.value(entry)) + "\n";
        }
    }

    std::unique_ptr<std::string> buffer_;
    RequestParser parser_;
    std::optional<BodyDecoder> body_;
    Outcome outcome_;
};

Outcome read_whole(std::string_view request) {
    Reader reader;
    reader.feed(request);
    return reader.outcome();
}

std::string label(const RequestCase& test) {
    return std::string(test.name) + " (RFC " + std::string(test.rfc) + ")";
}

template <class T, class U>
void expect_if(const std::optional<T>& want, const U& got) {
    if (want) {
        EXPECT_EQ(*want, got);
    }
}

TEST(RequestTable, IsLargeEnoughToMeanSomething) {
    std::size_t refused = 0;
    for (const RequestCase& test : cases()) refused += test.status != 0;
    EXPECT_GE(refused, 120u);
    EXPECT_GE(cases().size() - refused, 40u);
}

TEST(RequestTable, EveryRequestHasTheOutcomeOfItsRow) {
    for (const RequestCase& test : cases()) {
        SCOPED_TRACE(label(test));
        const Outcome outcome = read_whole(test.request);
        EXPECT_EQ(test.status == 0 ? "accepted" : "refused", outcome.state);
        EXPECT_EQ(test.status, outcome.status);
        EXPECT_EQ(test.reason, outcome.reason);
        EXPECT_EQ(test.found, outcome.found);
        if (test.status != 0) continue;
        expect_if(test.method, outcome.method);
        expect_if(test.path, outcome.path);
        expect_if(test.query, outcome.query);
        expect_if(test.host, outcome.host);
        expect_if(test.body, outcome.body);
        expect_if(test.keep, outcome.keep);
        expect_if(test.expect, outcome.expect);
        expect_if(test.upgrade, outcome.upgrade);
        EXPECT_EQ(test.left, test.request.size() - outcome.used);
    }
}

TEST(RequestTable, ByteByByteTheOutcomeIsTheSame) {
    for (const RequestCase& test : cases()) {
        Reader reader;
        for (std::size_t size = 1; size <= test.request.size(); ++size)
            reader.feed(test.request.substr(0, size));
        EXPECT_EQ(read_whole(test.request), reader.outcome()) << label(test);
    }
}

TEST(RequestTable, CutInTwoAnywhereTheOutcomeIsTheSame) {
    for (const RequestCase& test : cases()) {
        const Outcome whole = read_whole(test.request);
        // The few requests that are long because a limit is, are cut at every 61st place and near the end.
        const std::size_t stride = test.request.size() > 2000 ? 61 : 1;
        for (std::size_t at = 0; at < test.request.size();) {
            Reader reader;
            reader.feed(test.request.substr(0, at));
            reader.feed(test.request);
            ASSERT_EQ(whole, reader.outcome()) << label(test) << ", cut at " << at;
            at += test.request.size() - at > 100 ? stride : 1;
        }
    }
}

TEST(RequestTable, NoProperPrefixOfAnAcceptedRequestIsRefused) {
    for (const RequestCase& test : cases()) {
        if (test.status != 0) continue;
        Reader reader;
        for (std::size_t size = 0; size + test.left < test.request.size(); ++size) {
            reader.feed(test.request.substr(0, size));
            ASSERT_EQ("unfinished", reader.outcome().state) << label(test) << ", after " << size << " bytes";
        }
    }
}

}  // namespace
}  // namespace osmia::http1
