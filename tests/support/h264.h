#pragma once

#include "pipeline/av/bitstream/nal_units.h"
#include "tests/support/ffmpeg_cli.h"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <ostream>
#include <sstream>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace longtake::test {

inline av::Bytes read_bytes(const std::filesystem::path& file)
{
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

/// A moving, noisy picture that fades in, as raw H.264 with start codes.
struct H264Spec {
    const char* name = "";
    const char* options = "";      ///< of libx264, as the ffmpeg command line has them
    const char* element = nullptr; ///< a syntax element the stream is there for,
    int value = 0;                 ///< and the value it must have somewhere
    const char* size = "176x144";
    int frames = 12;

    friend std::ostream& operator<<(std::ostream& out, const H264Spec& spec) { return out << spec.name; }
};

inline std::filesystem::path write_h264(const std::filesystem::path& file, const H264Spec& spec)
{
    ffmpeg("-f lavfi -i 'testsrc2=s=" + std::string(spec.size) + ":r=25,noise=alls=12:allf=t,fade=in:0:12' -frames:v " +
           std::to_string(spec.frames) + " -pix_fmt yuv420p -c:v libx264 -preset veryfast -threads 1 " + spec.options +
           " -f h264 '" + file.string() + "'");
    return file;
}

/// NAL units with start codes.
inline std::filesystem::path write_annex_b(const std::filesystem::path& file, const std::vector<av::Bytes>& nals)
{
    std::ofstream out(file, std::ios::binary);
    for (const av::Bytes& nal : nals) {
        out.write("\0\0\0\1", 4);
        out.write(reinterpret_cast<const char*>(nal.data()), static_cast<std::streamsize>(nal.size()));
    }
    return file;
}

/// The NAL units of a raw file.
inline std::vector<av::Bytes> nals_of(const std::filesystem::path& file)
{
    const av::Bytes bytes = read_bytes(file);
    std::vector<av::Bytes> nals;
    for (const av::View nal : av::split(bytes, 0)) {
        nals.emplace_back(nal.begin(), nal.end());
    }
    return nals;
}

/// What the ffmpeg command line decodes from each file: a digest a frame. Fails when it has anything to complain of.
inline std::vector<std::vector<std::string>> frame_digests(const std::vector<std::filesystem::path>& files)
{
    std::string command = "ffmpeg -nostdin -v warning -threads 1";
    std::string maps;
    for (std::size_t i = 0; i < files.size(); ++i) {
        command += " -i '" + files[i].string() + "'";
        maps += " -map " + std::to_string(i) + ":v";
    }
    std::istringstream lines(output_of(command + maps + " -fps_mode passthrough -f framemd5 - 2>&1"));
    std::vector<std::vector<std::string>> digests(files.size());
    for (std::string line; std::getline(lines, line);) {
        if (line.empty() || line.front() == '#') {
            continue;
        }
        const std::size_t last = line.rfind(", ");
        if (line.front() < '0' || line.front() > '9' || last == std::string::npos) {
            throw std::runtime_error("while decoding: " + line);
        }
        digests.at(std::stoul(line)).push_back(line.substr(last + 2));
    }
    return digests;
}

/// One NAL unit, or one OBU of AV1, as another parser reads it: ffmpeg's trace_headers.
struct Traced {
    struct Element {
        std::size_t at; ///< in bits, from the header byte's first
        std::string name;
        long value;
    };
    std::vector<Element> elements;

    bool has(const std::string& name) const { return find(name) != nullptr; }
    long get(const std::string& name, long otherwise = 0) const
    {
        const Element* element = find(name);
        return element != nullptr ? element->value : otherwise;
    }
    std::size_t at(const std::string& name) const
    {
        const Element* element = find(name);
        return element != nullptr ? element->at : throw std::runtime_error(name + " was not traced");
    }

    /// Names and values but for some names, and for the bits that only fill bytes.
    std::vector<std::pair<std::string, long>> without(const std::vector<std::string>& names) const
    {
        std::vector<std::pair<std::string, long>> rest;
        for (const Element& element : elements) {
            bool skipped = element.name.find("alignment") != std::string::npos;
            for (const std::string& name : names) {
                skipped = skipped || element.name == name;
            }
            if (!skipped) {
                rest.emplace_back(element.name, element.value);
            }
        }
        return rest;
    }

private:
    const Element* find(const std::string& name) const
    {
        for (const Element& element : elements) {
            if (element.name == name) {
                return &element;
            }
        }
        return nullptr;
    }
};

/// Every unit of the packets of a raw file of H.264 or HEVC, or of AV1 ("obu").
inline std::vector<Traced> trace(const std::filesystem::path& file, const std::string& format = "h264")
{
    std::istringstream lines(output_of("ffmpeg -nostdin -nostats -f " + format + " -i '" + file.string() +
                                       "' -c copy -bsf:v trace_headers -f null - < /dev/null 2>&1"));
    std::vector<Traced> units;
    bool packets = false; // the same parameter sets are traced before, as extradata
    for (std::string line; std::getline(lines, line);) {
        const std::size_t begin = line.find("] ");
        if (line.rfind("[trace_headers", 0) != 0 || begin == std::string::npos) {
            continue;
        }
        packets = packets || line.compare(begin + 2, 7, "Packet:") == 0;
        const std::size_t equals = line.rfind(" = ");
        if (!packets || equals == std::string::npos) {
            continue;
        }
        std::istringstream words(line.substr(begin + 2));
        Traced::Element element{};
        words >> element.at >> element.name;
        element.value = std::stol(line.substr(equals + 3));
        if (element.name == "forbidden_zero_bit" || element.name == "obu_forbidden_bit") {
            units.emplace_back();
        }
        units.back().elements.push_back(element);
    }
    return units;
}

} // namespace longtake::test
