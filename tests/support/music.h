#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numbers>
#include <random>
#include <vector>

/// Music made by arithmetic, whose beats are known because they were put there.
namespace longtake::test {

constexpr int k_music_rate = 24000;

/// Mono sound at k_music_rate to which instruments are added at given seconds.
class Band {
public:
    explicit Band(double seconds) : sound_(static_cast<std::size_t>(seconds * k_music_rate)) {}

    void kick(double at, double level = 0.8)
    {
        add(at, 0.25, [=](double t) {
            const double phase = 2 * std::numbers::pi * (50 * t + 110 * 0.03 * (1 - std::exp(-t / 0.03)));
            return level * std::sin(phase) * std::exp(-t / 0.09);
        });
    }
    void snare(double at, double level = 0.4)
    {
        add(at, 0.2, [=, this](double t) {
            return level * (0.5 * std::sin(2 * std::numbers::pi * 190 * t) * std::exp(-t / 0.06) +
                            noise() * std::exp(-t / 0.05));
        });
    }
    /// Noise without its bass; open hats ring for longer.
    void hat(double at, double level = 0.2, double ring = 0.025)
    {
        double before = 0;
        add(at, 5 * ring, [=, this](double t) mutable {
            const double now = noise();
            const double high = now - before;
            before = now;
            return level * 0.5 * high * std::exp(-t / ring);
        });
    }
    /// A plucked string.
    void pluck(double at, double hz, double level = 0.25, double ring = 0.25)
    {
        add(at, 4 * ring, [=](double t) {
            double sum = 0;
            for (int partial = 1; partial <= 6; ++partial) {
                sum += std::sin(2 * std::numbers::pi * hz * partial * t) * std::exp(-t * partial / ring) / partial;
            }
            return level * sum * std::min(1.0, t / 0.004);
        });
    }
    /// A chord that swells for half a second and is then held.
    void pad(double at, double seconds, double root, double level = 0.06)
    {
        add(at, seconds, [=](double t) {
            double sum = 0;
            for (const double ratio : {1.0, 1.26, 1.5, 2.0}) {
                for (int partial = 1; partial <= 4; ++partial) {
                    sum += std::sin(2 * std::numbers::pi * root * ratio * partial * t + ratio * partial) / partial;
                }
            }
            return level * sum * std::min({1.0, t / 0.5, (seconds - t) / 0.5});
        });
    }

    const std::vector<float>& sound() const { return sound_; }

private:
    static constexpr double k_damped = 0.02; ///< seconds in which a sound is stopped: cut off it would click

    template <class Wave>
    void add(double at, double seconds, Wave wave)
    {
        const auto first = static_cast<std::size_t>(std::llround(std::max(0.0, at) * k_music_rate));
        const auto count = static_cast<std::size_t>(seconds * k_music_rate);
        for (std::size_t i = 0; i < count && first + i < sound_.size(); ++i) {
            const double t = static_cast<double>(i) / k_music_rate;
            sound_[first + i] += static_cast<float>(wave(t) * std::min(1.0, (seconds - t) / k_damped));
        }
    }

    double noise()
    {
        return 2.0 * static_cast<double>(random_() - random_.min()) /
                   static_cast<double>(random_.max() - random_.min()) -
               1;
    }

    std::vector<float> sound_;
    std::minstd_rand random_{7};
};

struct Piece {
    std::vector<float> sound;  ///< mono, at k_music_rate
    std::vector<double> beats; ///< seconds
};

/// Beats of `tempo` from `first` on, and what is played on each: play(band, seconds, length of a beat, number).
template <class Play>
Piece piece(double seconds, double tempo, double first, Play play)
{
    Band band(seconds);
    Piece out;
    const double beat = 60 / tempo;
    for (int i = 0; first + i * beat < seconds - 0.05; ++i) {
        out.beats.push_back(first + i * beat);
        play(band, out.beats.back(), beat, i);
    }
    out.sound = band.sound();
    return out;
}

/// Kick and snare by turns, hats in eighths, a bass; nobody plays on the millisecond.
inline Piece rock_at_90(double seconds = 30)
{
    std::minstd_rand random{3};
    const auto late = [&] { return static_cast<double>(random() % 1000) / 1000 * 0.016 - 0.008; };
    return piece(seconds, 90, 0.31, [&](Band& band, double at, double beat, int i) {
        i % 2 == 0 ? band.kick(at + late()) : band.snare(at + late());
        band.hat(at + late());
        band.hat(at + beat / 2 + late(), 0.15);
        band.pluck(at + late(), i % 8 < 4 ? 55 : 73.4, 0.3, 0.4);
    });
}

/// A kick on every beat, a loud open hat between them, a pad.
inline Piece house_at_120(double seconds = 30)
{
    return piece(seconds, 120, 0, [&](Band& band, double at, double beat, int i) {
        band.kick(at);
        band.hat(at + beat / 2, 0.4, 0.08);
        if (i % 2 == 1) {
            band.snare(at, 0.25);
        }
        if (i % 8 == 0) {
            band.pad(at, 8 * beat, i % 16 == 0 ? 220 : 196);
        }
    });
}

/// Kicks before and after the beat, claps on two and four, a bass in sixteenths, hats everywhere.
inline Piece breaks_at_128(double seconds = 30)
{
    return piece(seconds, 128, 0.2, [&](Band& band, double at, double beat, int i) {
        const int place = i % 4;
        if (place == 0) {
            band.kick(at);
        } else if (place == 2) {
            band.kick(at + beat / 2);
        } else {
            band.snare(at);
        }
        if (place == 3) {
            band.kick(at + beat * 0.75, 0.5);
        }
        for (int sixteenth = 0; sixteenth < 4; ++sixteenth) {
            band.hat(at + sixteenth * beat / 4, sixteenth == 2 ? 0.2 : 0.12);
            if (sixteenth != 1) {
                band.pluck(at + sixteenth * beat / 4, place < 2 ? 49 : 58.3, 0.12, 0.1);
            }
        }
    });
}

/// A walking bass in quarters, a ride that swings, the hat on two and four.
inline Piece swing_at_100(double seconds = 30)
{
    constexpr double k_notes[] = {98, 110, 123.5, 130.8, 146.8, 130.8, 123.5, 110};
    return piece(seconds, 100, 0.5, [&](Band& band, double at, double beat, int i) {
        band.pluck(at, k_notes[i % 8], 0.35, 0.35);
        band.hat(at, 0.2, 0.1);
        if (i % 2 == 1) {
            band.hat(at, 0.25, 0.02);
            band.hat(at + beat * 2 / 3, 0.15, 0.1);
        }
    });
}

/// Chords that swell in a slow time of their own for 8.4 s; then kick, snare and hats at 110.
inline Piece slow_intro_then_110(double seconds = 36)
{
    Piece out = piece(seconds, 110, 8.4, [&](Band& band, double at, double beat, int i) {
        i % 2 == 0 ? band.kick(at) : band.snare(at);
        band.hat(at, 0.2);
        band.hat(at + beat / 2, 0.15);
        band.pluck(at, i % 8 < 4 ? 65.4 : 82.4, 0.25, 0.3);
    });
    Band intro(seconds);
    for (int i = 0; i < 3; ++i) {
        intro.pad(i * 2.75, 3.2, i == 1 ? 174.6 : 220);
    }
    std::transform(out.sound.begin(), out.sound.end(), intro.sound().begin(), out.sound.begin(), std::plus<>());
    return out;
}

} // namespace longtake::test
