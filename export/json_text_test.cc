// SPDX-License-Identifier: Apache-2.0
#include "export/json_text.h"

#include "gtest/gtest.h"
#include "ir/utf8.h"

namespace q_implant {
namespace {

Json::Value Parsed(const std::string& text) {
  Json::CharReaderBuilder builder;
  Json::CharReaderBuilder::strictMode(&builder.settings_);
  Json::Value value;
  std::string errors;
  const std::unique_ptr<Json::CharReader> reader(builder.newCharReader());
  EXPECT_TRUE(reader->parse(text.data(), text.data() + text.size(), &value, &errors)) << errors;
  return value;
}

TEST(JsonTextTest, TextStaysAsItIs) {
  Json::Value document(Json::objectValue);
  document["\xc3\xa9 \"\\ \n"] = "\xf0\x9f\x98\x80\x01";
  document["x"] = 0.1f;
  const std::string text = JsonText(document);
  EXPECT_EQ(text,
            "{\n  \"x\" : 0.100000001,\n  \"\xc3\xa9 \\\"\\\\ \\n\" : "
            "\"\xf0\x9f\x98\x80\\u0001\"\n}\n");
  EXPECT_EQ(Parsed(text)["\xc3\xa9 \"\\ \n"], document["\xc3\xa9 \"\\ \n"]);
}

TEST(JsonTextTest, AnyBytesMakeADocumentThatParses) {
  for (int first = 0; first < 256; ++first) {
    for (int second : {0, 0x22, 0x5c, 0x80, 0xbf, 0xc3, 0xff}) {
      const std::string name = {static_cast<char>(first), static_cast<char>(second)};
      Json::Value document(Json::objectValue);
      document["k" + name] = name;
      const std::string text = JsonText(document);
      EXPECT_EQ(FindInvalidUtf8(text), text.size()) << first << " " << second;
      EXPECT_EQ(Parsed(text)[WithEscapedBytes("k" + name)], Json::Value(WithEscapedBytes(name)))
          << first << " " << second;
    }
  }
}

}  // namespace
}  // namespace q_implant
