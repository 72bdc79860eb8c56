// get gonum.org/v1/gonum/stat@v0.17.0

package main

import (
	"fmt"
	"math"
	"math/rand/v2"
	"sort"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat"
	"gonum.org/v1/gonum/stat/distuv"
)

var (
	x = []float64{8, 2, 1, 6, 7, 3.5, -4, 2}
	y = []float64{17, 5.5, 2, 13, 14.5, 7, -7, 4}
	w = []float64{1, 2, 1, 0.5, 3, 1, 1, 2}
)

func show(name string, values ...float64) {
	fmt.Print(name, ":")
	for _, v := range values {
		fmt.Printf(" %.12g", v)
	}
	fmt.Println()
}

func moments() {
	mean, std := stat.MeanStdDev(x, nil)
	show("mean", stat.Mean(x, nil), stat.Mean(x, w), mean, std)
	show("variance", stat.Variance(x, nil), stat.Variance(x, w), stat.PopVariance(x, nil), stat.PopStdDev(x, w), stat.StdErr(std, 8), stat.StdScore(9, mean, std))
	show("shape", stat.Skew(x, nil), stat.ExKurtosis(x, w), stat.Moment(3, x, nil), stat.MomentAbout(2, x, 1, w), stat.BivariateMoment(1, 2, x, y, nil))
	show("means", stat.GeometricMean([]float64{1, 2, 8}, nil), stat.HarmonicMean([]float64{1, 2, 8}, nil), stat.CircularMean([]float64{0.1, 6.2}, nil))
	mode, count := stat.Mode(x, nil)
	show("mode", mode, count)
}

func relations() {
	alpha, beta := stat.LinearRegression(x, y, nil, false)
	show("regression", alpha, beta, stat.RSquared(x, y, nil, alpha, beta), stat.RSquaredFrom(x, y, w))
	show("correlation", stat.Correlation(x, y, nil), stat.Correlation(x, y, w), stat.Covariance(x, y, nil), stat.Kendall(x, y, nil))
	show("distances", stat.Entropy([]float64{0.2, 0.3, 0.5}), stat.CrossEntropy([]float64{0.5, 0.5}, []float64{0.1, 0.9}), stat.KullbackLeibler([]float64{0.5, 0.5}, []float64{0.1, 0.9}), stat.JensenShannon([]float64{0.5, 0.5}, []float64{0.1, 0.9}), stat.Bhattacharyya([]float64{0.5, 0.5}, []float64{0.1, 0.9}), stat.Hellinger([]float64{0.5, 0.5}, []float64{0.1, 0.9}), stat.ChiSquare([]float64{10, 20}, []float64{12, 18}))
}

func order() {
	s := append([]float64(nil), x...)
	sort.Float64s(s)
	for _, p := range []float64{0, 0.25, 0.5, 0.9, 1} {
		show("quantile", p, stat.Quantile(p, stat.Empirical, s, nil), stat.Quantile(p, stat.LinInterp, s, nil), stat.CDF(p*8, stat.Empirical, s, nil))
	}
	t, v := append([]float64(nil), x...), append([]float64(nil), w...)
	stat.SortWeighted(t, v)
	fmt.Println(t, v)
	fmt.Println(stat.Histogram(nil, []float64{-10, 0, 5, 10}, s, nil))
	show("ks", stat.KolmogorovSmirnov(s, nil, []float64{1, 2, 3}, nil))
	tpr, fpr, thresh := stat.ROC(nil, []float64{0.1, 0.35, 0.4, 0.8}, []bool{true, false, true, false}, nil)
	fmt.Println(tpr, fpr, thresh)
	defer func() { fmt.Println("recovered:", recover()) }()
	stat.Quantile(2, stat.Empirical, s, nil)
}

func matrices() {
	data := mat.NewDense(5, 3, []float64{1, 2, 3, 2, 4, 1, 3, 5, 8, 4, 9, 2, 5, 9, 7})
	var cov, corr mat.SymDense
	stat.CovarianceMatrix(&cov, data, nil)
	stat.CorrelationMatrix(&corr, data, nil)
	fmt.Printf("%.6f\n%.6f\n", mat.Formatted(&cov), mat.Formatted(&corr))
	var pc stat.PC
	ok := pc.PrincipalComponents(data, nil)
	var proj mat.Dense
	var vec mat.Dense
	pc.VectorsTo(&vec)
	proj.Mul(data, vec.Slice(0, 3, 0, 2))
	fmt.Printf("%v %.6f\n", ok, pc.VarsTo(nil))
	for i := range 3 {
		fmt.Printf("%.6f ", math.Abs(vec.At(i, 0)))
	}
	r, c := proj.Dims()
	fmt.Println(r, c)
	var chol mat.Cholesky
	fmt.Println(chol.Factorize(&cov))
	show("mahalanobis", stat.Mahalanobis(mat.NewVecDense(3, []float64{1, 2, 3}), mat.NewVecDense(3, []float64{4, 4, 4}), &chol))
}

func distributions() {
	n := distuv.Normal{Mu: 1, Sigma: 2, Src: rand.NewPCG(1, 2)}
	show("normal", n.Prob(0), n.LogProb(0), n.CDF(3), n.Quantile(0.975), n.Mean(), n.Entropy(), n.Rand(), n.Rand())
	b := distuv.Beta{Alpha: 2, Beta: 3}
	g := distuv.Gamma{Alpha: 2, Beta: 1.5}
	st := distuv.StudentsT{Mu: 0, Sigma: 1, Nu: 5}
	show("others", b.CDF(0.3), g.Prob(1), g.Quantile(0.5), st.CDF(1.2), distuv.Poisson{Lambda: 3}.Prob(2), distuv.Binomial{N: 10, P: 0.3}.CDF(4), distuv.ChiSquared{K: 3}.Survival(2), distuv.Exponential{Rate: 2}.Mean())
	show("floats", floats.Sum(x), floats.Dot(x, y), floats.Norm(x, 2), floats.Max(x))
}

func main() {
	moments()
	relations()
	order()
	matrices()
	distributions()
}
