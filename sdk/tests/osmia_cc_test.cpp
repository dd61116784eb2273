/// \file
/// osmia-cc as its users call it: the real program on sources written to a temporary folder, and what it
/// built loaded and run.
#include <sys/wait.h>

#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "extension_host.h"

namespace osmia::sdk_test {

namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

constexpr const char* kEntryPoints =
    "BOOL WINAPI GetExtensionVersion(HSE_VERSION_INFO *pVer) { return TRUE; }\n"
    "DWORD WINAPI HttpExtensionProc(EXTENSION_CONTROL_BLOCK *pECB) { return HSE_STATUS_SUCCESS; }\n";

class OsmiaCc : public testing::Test {
protected:
    void SetUp() override {
        std::string name = testing::TempDir() + "osmia-cc-test-XXXXXX";
        folder_ = mkdtemp(name.data());
    }
    void TearDown() override { fs::remove_all(folder_); }

    void put(const std::string& file, const std::string& text) {
        fs::create_directories((folder_ / file).parent_path());
        std::ofstream(folder_ / file, std::ios::binary) << text;
    }

    /// Runs osmia-cc in the folder; keeps what it says.
    bool cc(const std::string& arguments) { return run("'" OSMIA_CC_PROGRAM "' " + arguments); }

    bool run(const std::string& program_and_arguments) {
        std::string command = "cd '" + folder_.string() + "' && " + program_and_arguments + " 2>&1";
        FILE* pipe = popen(command.c_str(), "r");
        said_.clear();
        std::array<char, 4096> buffer;
        for (size_t size = 0; (size = fread(buffer.data(), 1, buffer.size(), pipe)) > 0;) {
            said_.append(buffer.data(), size);
        }
        exit_code_ = WEXITSTATUS(pclose(pipe));
        return exit_code_ == 0;
    }

    /// Calls `const char* answer()` of a library that was just built.
    std::string answer(const std::string& library = "x.so") {
        hosts_.push_back(std::make_unique<ExtensionHost>(folder_ / library));
        if (!hosts_.back()->loaded()) return hosts_.back()->error();
        auto function = reinterpret_cast<const char* (*)()>(hosts_.back()->symbol("answer"));
        return function ? function() : "no function";
    }

    fs::path folder_;
    std::string said_;
    int exit_code_ = 0;
    std::vector<std::unique_ptr<ExtensionHost>> hosts_;
};

std::string cxx(const std::string& body, const std::string& before = "") {
    return "#include <httpext.h>\n" + before + kEntryPoints +
           "extern \"C\" __declspec(dllexport) const char* answer() {\n" + body + "\n}\n";
}

std::string utf16_le(const std::string& ascii) {
    std::string result = "\xFF\xFE";
    for (char c : ascii) (result += c) += '\0';
    return result;
}

TEST_F(OsmiaCc, FindsHeadersInAnyCaseAndBehindBackslashes) {
    put("MyHeader.h", "#include \"SUB\\Inner.h\"\n");
    put("sub/inner.h", "#define WORD_OF_INNER \"found\"\n");
    put("x.cpp", "#include <Windows.h>\n#include <HttpExt.h>\n#include <StdIO.h>\n#include \"myheader.H\"\n" +
                     cxx("return WORD_OF_INNER;"));
    ASSERT_TRUE(cc("-o x.so x.cpp")) << said_;
    EXPECT_EQ(answer(), "found");
}

TEST_F(OsmiaCc, CompilesUtf16Sources) {
    put("part.h", "#define PART \"utf-16\"\n");
    put("x.cpp", utf16_le("#include \"part.h\"\r\n" + cxx("return PART;")));
    ASSERT_TRUE(cc("-o x.so x.cpp")) << said_;
    EXPECT_EQ(answer(), "utf-16");
}

TEST_F(OsmiaCc, ToleratesWhatMicrosoftsCompilerTolerates) {
    put("x.cpp", cxx("char *text = \"constant\"; LPVOID function = answer; __int64 big = 1; DWORD cut = "
                     "(DWORD)function;\n"
                     "__try { return text; } __except (EXCEPTION_EXECUTE_HANDLER) { return \"\"; }"));
    ASSERT_TRUE(cc("-o x.so x.cpp")) << said_;
    EXPECT_EQ(answer(), "constant");
}

TEST_F(OsmiaCc, KnowsMinAndMaxBesideThoseOfTheLibrary) {
    put("x.cpp",
        "#include <algorithm>\n" + cxx("DWORD small = 1; int big = 2; using namespace std;\n"
                                       "return max(small, 3) == 3 && min(big, 5) == 2 && std::max(1, 2) == 2 "
                                       "? \"right\" : \"wrong\";"));
    ASSERT_TRUE(cc("-o x.so x.cpp")) << said_;
    EXPECT_EQ(answer(), "right");
    put("y.c", std::string("#include <httpext.h>\n") + kEntryPoints +
                   "__declspec(dllexport) const char *answer() { return max(1, 2) == 2 ? \"right\" : "
                   "\"wrong\"; }\n");
    ASSERT_TRUE(cc("-o y.so y.c")) << said_;
    EXPECT_EQ(answer("y.so"), "right");
}

TEST_F(OsmiaCc, TakesEveryHeaderInEitherLanguage) {
    std::string all_cxx, all_c;
    for (const auto& entry : fs::directory_iterator(OSMIA_SDK_HEADERS)) {
        std::string name = entry.path().filename().string();
        if (entry.path().extension() != ".h") continue;
        all_cxx += "#include <" + name + ">\n";
        bool cxx_only = name == "http.h" || name == "httpserv.h" || name == "osmia_host.h" ||
                        name == "osmia_module.h";
        if (!cxx_only) all_c += "#include <" + name + ">\n";
    }
    put("x.cpp", all_cxx + kEntryPoints);
    put("y.c", all_c + kEntryPoints);
    for (const char* options : {"x.cpp", "x.cpp -DUNICODE -D_UNICODE", "x.cpp -std=gnu++14",
                                "x.cpp -std=gnu++20", "y.c", "y.c -DUNICODE -D_UNICODE"}) {
        EXPECT_TRUE(cc(std::string("-o x.so ") + options)) << options << '\n' << said_;
    }
}

TEST_F(OsmiaCc, WorksWhereverItIsInstalled) {
    for (const char* folder : {"usr/bin", "usr/include", "usr/lib/osmia"})
        fs::create_directories(folder_ / folder);
    fs::copy(OSMIA_CC_PROGRAM, folder_ / "usr/bin/osmia-cc");
    fs::copy(OSMIA_SDK_HEADERS, folder_ / "usr/include/osmia", fs::copy_options::recursive);
    fs::copy(OSMIA_RUNTIME, folder_ / "usr/lib/osmia/libosmia-win32.so");
    put("x.cpp", cxx("return \"installed\";"));
    ASSERT_TRUE(run("'" + (folder_ / "usr/bin/osmia-cc").string() + "' -v -o x.so x.cpp")) << said_;
    EXPECT_THAT(said_, HasSubstr((folder_ / "usr/include/osmia").string()));
    EXPECT_EQ(answer(), "installed");
    fs::remove(folder_ / "usr/lib/osmia/libosmia-win32.so");
    EXPECT_FALSE(run("'" + (folder_ / "usr/bin/osmia-cc").string() + "' -o x.so x.cpp"));
    EXPECT_THAT(said_, HasSubstr("set OSMIA_SDK"));
}

TEST_F(OsmiaCc, CompilesCWithTentativeDefinitionsInTwoFiles) {
    put("shared.h", "#include <httpext.h>\nint shared;\nvoid set(void);\n");
    put("x.c", std::string("#include \"shared.h\"\n") + kEntryPoints +
                   "__declspec(dllexport) const char *answer() { set(); return shared == 7 ? \"one\" : "
                   "\"two\"; }\n");
    put("y.c", "#include \"shared.h\"\nvoid set(void) { shared = 7; }\n");
    ASSERT_TRUE(cc("-o x.so x.c y.c")) << said_;
    EXPECT_EQ(answer(), "one");
}

TEST_F(OsmiaCc, FormatsLongAsThirtyTwoBits) {
    put("x.cpp",
        "#include <cstdio>\n#include <cinttypes>\n" +
            cxx("static char text[200]; LONG minus = -5; DWORD most = 0xFFFFFFFF; uint64_t big = 1ull << "
                "40;\n"
                "sprintf(text, \"%d %ld %lu %I64u %\" PRIu64 \" %s\", 1, minus, most, big, big, \"end\");\n"
                "LONG read = 0, guard = 99; sscanf(\"77\", \"%ld\", &read);\n"
                "std::snprintf(text + strlen(text), 100, \" %ld %ld\", read, guard); return text;"));
    ASSERT_TRUE(cc("-o x.so x.cpp")) << said_;
    EXPECT_EQ(answer(), "1 -5 4294967295 1099511627776 1099511627776 end 77 99");
}

TEST_F(OsmiaCc, GivesSixteenBitWideCharacters) {
    put("x.cpp",
        "#include <string>\n#include <cwchar>\n" +
            cxx("static char text[100]; static_assert(sizeof(wchar_t) == 2); WCHAR buffer[20];\n"
                "std::wstring wide = L\"w\\u00e4\"; wide += L\"rme\"; wide.append(30, L'x'); "
                "wide.resize(5);\n"
                "wcscpy(buffer, wide.c_str()); swprintf(buffer + std::wcslen(buffer), 10, L\" %s\", "
                "L\"w\");\n"
                "WideCharToMultiByte(CP_UTF8, 0, buffer, -1, text, sizeof text, NULL, NULL); return text;"));
    for (const char* standard : {"", "-std=gnu++14", "-std=gnu++20 -O0"}) {
        ASSERT_TRUE(cc(std::string("-o x") + std::to_string(hosts_.size()) + ".so x.cpp " + standard))
            << said_;
        EXPECT_EQ(answer("x" + std::to_string(hosts_.size()) + ".so"), "wärme w") << standard;
    }
}

TEST_F(OsmiaCc, RefusesGlibcsWideFunctionsByName) {
    put("x.cpp", "#include <wchar.h>\n" + cxx("wprintf(L\"text\"); return \"\";"));
    EXPECT_FALSE(cc("-o x.so x.cpp"));
    EXPECT_THAT(said_, HasSubstr("__wrap_wprintf"));
    EXPECT_THAT(said_, HasSubstr("wide function of glibc"));
    EXPECT_FALSE(fs::exists(folder_ / "x.so"));
}

TEST_F(OsmiaCc, RefusesWideStreamsOfTheCxxLibraryByName) {
    put("x.cpp", "#include <iostream>\n" + cxx("std::wcout << L\"text\"; return \"\";"));
    EXPECT_FALSE(cc("-o x.so x.cpp"));
    EXPECT_THAT(said_, HasSubstr("wcout"));
    EXPECT_FALSE(fs::exists(folder_ / "x.so"));
}

TEST_F(OsmiaCc, RefusesAFunctionThatNobodyHas) {
    put("x.cpp", cxx("return not_there();", "extern \"C\" const char* not_there();\n"));
    EXPECT_FALSE(cc("-o x.so x.cpp"));
    EXPECT_THAT(said_, HasSubstr("not_there"));
}

TEST_F(OsmiaCc, ExportsWhatADefinitionFileSaysAndNothingElse) {
    put("x.cpp",
        "#include <httpext.h>\n" + std::string(kEntryPoints) +
            "extern \"C\" const char* inner() { return \"renamed\"; }\nextern \"C\" void hidden() {}\n");
    put("x.def",
        "LIBRARY x\r\nEXPORTS\r\n GetExtensionVersion\r\n HttpExtensionProc\r\n answer=inner @5\r\n");
    ASSERT_TRUE(cc("-o x.so x.cpp x.def")) << said_;
    EXPECT_EQ(answer(), "renamed");
    EXPECT_EQ(hosts_.back()->symbol("hidden"), nullptr);
    EXPECT_EQ(hosts_.back()->symbol("inner"), nullptr);
}

TEST_F(OsmiaCc, RefusesADefinitionFileThatNamesAMissingFunction) {
    put("x.cpp", "#include <httpext.h>\n" + std::string(kEntryPoints));
    put("x.def", "EXPORTS\nGetExtensionVersion\nHttpExtensionProc\nForgotten\n");
    EXPECT_FALSE(cc("-o x.so x.cpp x.def"));
    EXPECT_THAT(said_, HasSubstr("Forgotten"));
}

TEST_F(OsmiaCc, ExportsEntryPointsAndDllexportWithoutADefinitionFile) {
    put("x.cpp", cxx("return \"visible\";", "extern \"C\" void hidden() {}\n"));
    ASSERT_TRUE(cc("-o x.so x.cpp")) << said_;
    EXPECT_EQ(answer(), "visible");
    EXPECT_EQ(hosts_.back()->symbol("hidden"), nullptr);
}

TEST_F(OsmiaCc, ExportsTheEntryPointsOfFiltersAndNativeModules) {
    put("x.cpp", "#include <httpfilt.h>\n#include <httpserv.h>\n" +
                     cxx("return \"\";",
                         "BOOL WINAPI GetFilterVersion(HTTP_FILTER_VERSION*) { return TRUE; }\n"
                         "DWORD WINAPI HttpFilterProc(HTTP_FILTER_CONTEXT*, DWORD, VOID*) { return "
                         "SF_STATUS_REQ_ERROR; }\n"
                         "HRESULT __stdcall RegisterModule(DWORD, IHttpModuleRegistrationInfo*, IHttpServer*)"
                         " { return S_OK; }\n"));
    ASSERT_TRUE(cc("-o x.so x.cpp")) << said_;
    EXPECT_EQ(answer(), "");
    for (const char* name : {"GetFilterVersion", "HttpFilterProc", "RegisterModule"}) {
        EXPECT_NE(hosts_.back()->symbol(name), nullptr) << name;
    }
}

TEST_F(OsmiaCc, CompilesAndLinksInTwoSteps) {
    put("x.cpp", cxx("return \"two steps\";"));
    ASSERT_TRUE(cc("-c x.cpp")) << said_;
    ASSERT_TRUE(cc("-o x.so x.o")) << said_;
    EXPECT_EQ(answer(), "two steps");
}

TEST_F(OsmiaCc, PassesTheCompilersVerdictOn) {
    put("x.cpp", "this is not C++\n");
    EXPECT_FALSE(cc("-o x.so x.cpp"));
    EXPECT_EQ(exit_code_, 1);
    EXPECT_THAT(said_, HasSubstr("x.cpp:1"));
    EXPECT_FALSE(cc("-o x.so missing.cpp"));
    EXPECT_THAT(said_, HasSubstr("cannot read missing.cpp"));
    EXPECT_FALSE(cc(""));
    EXPECT_EQ(exit_code_, 2);
}

TEST_F(OsmiaCc, NeedsNoRunPathToFindTheRuntime) {
    put("x.cpp", cxx("return \"\";"));
    ASSERT_TRUE(cc("-o x.so x.cpp")) << said_;
    std::string command = "readelf -d '" + (folder_ / "x.so").string() + "'";
    FILE* pipe = popen(command.c_str(), "r");
    std::string dynamic(16384, '\0');
    dynamic.resize(fread(dynamic.data(), 1, dynamic.size(), pipe));
    pclose(pipe);
    EXPECT_THAT(dynamic, HasSubstr("[libosmia-win32.so]"));
    EXPECT_THAT(dynamic, testing::Not(HasSubstr("PATH")));
    EXPECT_THAT(dynamic, HasSubstr("SYMBOLIC"));
}

}  // namespace

}  // namespace osmia::sdk_test
